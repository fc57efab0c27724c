"""Makes fixtures/: small SentencePiece models, a tokenizer.json, and texts with the ids that sentencepiece gives, or for
tokenizer.json the tokenizers library; and folders.jsonl: folders' files with the ids that transformers gives.

Made with sentencepiece 0.2.3, transformers 5.23.0, tokenizers 0.23.3 (Python 3.11):
    python make_tokenizer_fixtures.py fixtures
The models are trained on sentences that this script puts together, so nobody's text is in them.
"""
import base64, itertools, json, os, random, re, shutil, sys, tempfile
import sentencepiece as spm
from tokenizers import Tokenizer
from transformers import AutoTokenizer, T5Tokenizer

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
rnd = random.Random(11)

WHO = ["Anna", "the baker", "my neighbour", "Dr. Okafor", "a tall man", "our teacher", "the old sailor", "Mei", "everyone", "nobody", "the cat"]
DID = ["asked for", "forgot", "is looking at", "wants to buy", "repaired", "has never seen", "could not find", "was painting", "sold", "lost"]
WHAT = ["a ticket", "the blue umbrella", "three lemons", "an invoice from 2019", "the last train", "some café au lait", "her bicycle",
        "a summary of the meeting", "the key to room 12", "naïve questions", "a letter", "old photographs"]
WHEN = ["yesterday", "at 8:30 in the morning", "before the rain", "on Monday", "in the kitchen", "near the harbour", "again", "without a word"]
TEXT = [f"{a[0].upper()}{a[1:]} {b} {c} {d}{rnd.choice('.?!')}" for a, b, c, d in itertools.product(WHO, DID, WHAT, WHEN)]
rnd.shuffle(TEXT)
TEXT = TEXT[:1200]

# A small table of rules, so that a model stays small: source characters and target characters in hexadecimal.
RULES = [("FB01", "66 69"), ("FF21", "41"), ("3000", "20"), ("00A0", "20"), ("9", "20"), ("A", "20"), ("200B", ""), ("41 30A", "C5"), ("65 301", "E9"),
         ("65 301 301", "45"), ("FDFA", "61 20 62 20 20 63"), ("2026", "2E 2E 2E"), ("AD", ""), ("C4", "20 41"), ("D6", "4F 20")]


def train(name, **options):
    folder = tempfile.mkdtemp()
    rules = f"{folder}/rules.tsv"
    with open(rules, "w") as f:
        f.writelines(f"{a}\t{b}\n" for a, b in RULES)
    if options.pop("rules", False):
        options["normalization_rule_tsv"] = rules
    spm.SentencePieceTrainer.train(sentence_iterator=iter(TEXT), model_prefix=f"{folder}/spiece", model_type="unigram", pad_id=0, eos_id=1, unk_id=2,
                                   bos_id=-1, num_threads=1, minloglevel=2, hard_vocab_limit=False, **options)
    # What the trainer was told holds paths of this machine; only what tokenizing needs is kept.
    from sentencepiece import sentencepiece_model_pb2 as pb

    model = pb.ModelProto()
    model.ParseFromString(open(f"{folder}/spiece.model", "rb").read())
    trainer = pb.TrainerSpec()
    for field in ("model_type", "unk_id", "bos_id", "eos_id", "pad_id", "byte_fallback", "treat_whitespace_as_suffix", "unk_surface"):
        setattr(trainer, field, getattr(model.trainer_spec, field))
    model.trainer_spec.CopyFrom(trainer)
    model.normalizer_spec.normalization_rule_tsv = ""
    with open(f"{folder}/spiece.model", "wb") as f:
        f.write(model.SerializeToString(deterministic=True))
    shutil.copy(f"{folder}/spiece.model", f"{out}/{name}")
    return folder


train("bytes.model", vocab_size=400, byte_fallback=True, normalization_rule_name="identity")
train("casefold.model", vocab_size=300, normalization_rule_name="nmt_nfkc_cf")
train("raw.model", vocab_size=260, rules=True, add_dummy_prefix=False, remove_extra_whitespaces=False, split_by_whitespace=False,
      user_defined_symbols=["#Person1#", "<sep>", "ing", "\u2581the", "a b", "\u00e9", "#Person1#:"], control_symbols=["<c1>"])
folder = train("rules.model", vocab_size=300, rules=True)
T5Tokenizer.from_pretrained(folder).save_pretrained(folder + "/json")
# Other than transformers' writer, without line breaks.
with open(f"{out}/tokenizer.json", "w", encoding="utf-8") as f:
    json.dump(json.load(open(folder + "/json/tokenizer.json", encoding="utf-8")), f, ensure_ascii=False, separators=(",", ":"))

REFERENCE = {"bytes.model": "bytes.model", "casefold.model": "casefold.model", "raw.model": "raw.model", "tokenizer.json": "rules.model"}

TRAPS = [b"", b" ", b"   ", b"\n", b"a", b" a", b"a ", b"  a   b  ", "\u2581".encode(), "\u2581\u2581a\u2581".encode(), " \u2581 ".encode(), "\u3000a\u3000b\u00a0c".encode(),
         b"a\x00b", b"\x00", "\u200b".encode(), "a \u200b b".encode(), "A\u030a e\u0301 e\u0301\u0301 E\u0301".encode(), "\ufb01x\u2026\u00adz".encode(),
         "\ufdfa".encode() * 9, "\u00c4\u00c4 \u00d6 \u00d6a".encode(), "\uff21\uff22\u2460\u00bd".encode(), "\uac00\u11a8 \u1112\u1161\u11ab".encode(), "\u4e2d\u6587\u3067\u3059".encode(),
         "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467".encode(), b"\xff", b"a\x80b", b"\xc0\xaf", b"\xe2\x96", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"x\xf0\x9f\x98", b"\xe2\x96\x81\xe2",
         b"<unk", b"<extra_id_100>", b"<extra_id_01>", b"</s >", "\uff1c/s\uff1e".encode(), b"a b a  b", b"#Person1#: Hello #Person1##Person1", b"<sep>the thething", b"caf\xc3\xa9 cafe\xcc\x81",
         b"the " * 90, b"Q" * 50, b"NA\xc3\x8fVE STRASSE stra\xc3\x9fe"]
SPECIAL = [b"</s>", b"a</s>b", b" a </s>  b ", b"<pad><pad>x", b"x <unk> y", b"<extra_id_0>", b"The <extra_id_0> sold <extra_id_1> again.<extra_id_99>", b"<<extra_id_5>>", b"<unk><unk>\xe2\x82\xac"]


def texts(name):
    yield from TRAPS if name != "casefold.model" else TRAPS[::2]
    yield from SPECIAL if name != "bytes.model" else SPECIAL[:3]
    yield from (rnd.choice(TEXT).encode() for _ in range(3))


def sound(text):
    """Bytes that are no UTF-8 become U+FFFD each, as sentencepiece has it; the library takes none."""
    return re.sub("[\udc80-\udcff]", "\ufffd", text.decode("utf-8", "surrogateescape"))


def shown(library, ids):
    """Decoded as with skip_special_tokens, but what is unknown shows."""
    special = {t.content for t in library.get_added_tokens_decoder().values() if t.special}
    tokens = [" \u2047 " if i == 2 else library.id_to_token(i) for i in ids]
    return library.decoder.decode([t for t in tokens if t not in special])


library = Tokenizer.from_file(f"{out}/tokenizer.json")
with open(f"{out}/cases.jsonl", "w", encoding="utf-8") as f:
    for name, reference in REFERENCE.items():
        sp = spm.SentencePieceProcessor(model_file=f"{out}/{reference}")
        n = sp.get_piece_size()
        names = {sp.id_to_piece(i): i for i in range(n) if sp.is_control(i) or sp.is_unknown(i)} | {f"<extra_id_{i}>": n + 99 - i for i in range(100)}
        split = re.compile(b"(" + b"|".join(re.escape(s.encode()) for s in names) + b")")
        for text in texts(name):
            case = {"model": name}
            try:
                case["text"] = text.decode()
            except UnicodeDecodeError:
                case["hex"] = text.hex()
            if name == "tokenizer.json":
                ids = library.encode(sound(text), add_special_tokens=False).ids
                decoded = shown(library, ids)
            else:
                # Special names become their ids; what is between them is a text of its own.
                ids = [i for part in split.split(text) for i in ([names[part.decode()]] if part.decode("latin1") in names else sp.encode(part))]
                decoded = sp.decode([i for i in ids if i < n])
            f.write(json.dumps(case | {"ids": ids, "decoded": decoded}, ensure_ascii=False) + "\n")

# ---- folders: the files beside a vocabulary, pipelines of tokenizer.json
CHARS = ["\u2581", *"abcdehnost.,!1290- (){}<>/x_", "A", "\u00e9", "\u0301", "\u00bd", "\n", " ", "\u1100", "\uac00", "\u2460", "\ufb01", "\u00e5"]
WORDS = ["\u2581the", "\u2581an", "the", "an", "nd", "\u2581\u2581", "ab", "\u2581a", "12", "fi", "e\u0301", "<x>"]
VOCAB = [["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0]] + [[c, -4.0 - i / 64] for i, c in enumerate(CHARS)] + [[w, -3.0 - i / 32] for i, w in enumerate(WORDS)]
PROBES = ["the band  has 129 stones. ", " an A\u0301ed \u00bd\u2460\ufb01\r\n(12) ", "\ufb01ne \uac00\u1100\u1161\u11a8, E\u0301a\u0323\u0301", "<x>the<x> an<y> a", "a <y>\n\n b{ab}",
          "x<extra_id_0> a<extra_id_99>.</s> the", "A--b\u3001c!? \u0661\u2163", "\u2581a \u2581\u2581the", "tHE\u0130\u1e9e \u01c5 STRASSE", "...aab abb\n \n"]


def token(content, **flags):
    return {"id": 0, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": not flags.get("special"), "special": False} | flags


SPECIALS = [token("<pad>", special=True), token("</s>", special=True), token("<unk>", special=True)]
META = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}
CLOSING = {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
           "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}], "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}}


def pipeline(normalizer=None, pre_tokenizer=META, added=(), closing=CLOSING, decoder=META):
    tokens = SPECIALS + [dict(t) for t in added]
    for i, t in enumerate(tokens):
        t["id"] = i if i < 3 else len(VOCAB) + i - 3
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens, "normalizer": normalizer, "pre_tokenizer": pre_tokenizer,
            "post_processor": closing, "decoder": decoder, "model": {"type": "Unigram", "unk_id": 2, "vocab": VOCAB, "byte_fallback": False}}


def all_of(kind, *stages):
    return {"type": "Sequence", kind: [s if isinstance(s, dict) else {"type": s} for s in stages]}


def replace(to, **pattern):
    return {"type": "Replace", "pattern": pattern, "content": to}


def metaspace(**options):
    return META | options


from sentencepiece import sentencepiece_model_pb2 as pb
proto = pb.ModelProto()
proto.ParseFromString(open(f"{out}/rules.model", "rb").read())
MAP = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(proto.normalizer_spec.precompiled_charsmap).decode()}
ADDED = [token("<x>"), token("<y>", special=True), token("\n", normalized=False)]
FAST, T5 = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "</s>"}, {"tokenizer_class": "T5Tokenizer"}
PIPELINES = [pipeline({"type": k}) for k in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt")] + [
    pipeline(MAP, all_of("pretokenizers", "WhitespaceSplit", META)),
    pipeline(all_of("normalizers", MAP, {"type": "Strip", "strip_left": False, "strip_right": True}, replace("\u2581", Regex=" {2,}"))),
    pipeline(all_of("normalizers", "Nmt", "NFKC", replace(" ", Regex=" {2,}"), "Lowercase"), all_of("pretokenizers", META, {"type": "Digits", "individual_digits": True}, {"type": "Punctuation", "behavior": "Isolated"})),
    pipeline(all_of("normalizers", {"type": "Prepend", "prepend": "\u2581"}, replace("\u2581", String=" ")), None),
    pipeline({"type": "Strip", "strip_left": True, "strip_right": True}, metaspace(prepend_scheme="first")),
    pipeline({"type": "Strip", "strip_left": True, "strip_right": False}, metaspace(prepend_scheme="never", split=False), decoder=metaspace(prepend_scheme="never")),
    *(pipeline(replace("a", Regex=r)) for r in (r"\s+", r"^a?[b-d]", r"[^a-z ]+", r" +$", r"\.\.\.", r"a{1,2}b*", r"[\n\r]", r".b.", r"[(){}-]")),
    *(pipeline(None, all_of("pretokenizers", {"type": "Punctuation", "behavior": b}, META)) for b in ("Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous")),
    pipeline(None, all_of("pretokenizers", {"type": "Digits", "individual_digits": False}, "WhitespaceSplit", metaspace(prepend_scheme="first"))),
    pipeline(None, metaspace(replacement="_"), decoder=None, closing=None),
    pipeline(None, META, ADDED), pipeline({"type": "Lowercase"}, metaspace(prepend_scheme="first"), [token("ED"), token("A", normalized=False)]),
    *(pipeline(None, META, [token("<x>", normalized=False, **{k: True}), token("an", **{k: True})]) for k in ("single_word", "lstrip", "rstrip", "special")),
]
FOLDERS = [  # the vocabulary, and what lies beside it
    ("rules.model", {}), ("rules.model", {"tokenizer_config.json": {"extra_ids": 7}}), ("rules.model", {"tokenizer_config.json": {"extra_ids": 0}}),
    ("rules.model", {"config.json": {"model_type": "t5", "vocab_size": 310}}), ("rules.model", {"added_tokens.json": {"<y>": 401, "<x>": 400, "\n": 402}}),
    ("rules.model", {"added_tokens.json": {"<x>": 400, "<y>": 401}, "special_tokens_map.json": {"additional_special_tokens": ["<y>"], "eos_token": {"content": "</s>", "lstrip": False}}}),
    ("rules.model", {"tokenizer_config.json": {"extra_ids": 100, "added_tokens_decoder": {"400": {"content": "<x>", "lstrip": True, "special": False}, "401": {"content": "<y>", "rstrip": True, "single_word": True, "normalized": False, "special": True}}}}),
    ("rules.model", {"tokenizer_config.json": {"additional_special_tokens": [f"<extra_id_{i}>" for i in range(100)] + ["<y>"], "extra_ids": 100}}),
    (None, {"tokenizer.json": pipeline(None, all_of("pretokenizers", "WhitespaceSplit", META), ADDED), "tokenizer_config.json": T5}),
    (None, {"tokenizer.json": pipeline(None, all_of("pretokenizers", "WhitespaceSplit", META), ADDED), "tokenizer_config.json": T5 | {"extra_ids": 0, "extra_special_tokens": ["<z>", "<x>"]}}),
    (None, {"tokenizer.json": pipeline(None, all_of("pretokenizers", "WhitespaceSplit", META), closing=None), "config.json": {"model_type": "t5", "vocab_size": len(VOCAB) + 3}}),
    (None, {"tokenizer.json": pipeline(None, all_of("pretokenizers", "WhitespaceSplit", META)), "special_tokens_map.json": {"additional_special_tokens": ["<y>"], "pad_token": "<p>"}}),
    (None, {"tokenizer.json": pipeline({"type": "NFC"}, META), "tokenizer_config.json": FAST | {"additional_special_tokens": ["<y>", {"__type": "AddedToken", "content": "ab", "lstrip": False, "rstrip": True, "single_word": False, "normalized": True}]}}),
    (None, {"tokenizer_config.json": {"tokenizer_class": "ByT5Tokenizer"}}), (None, {"tokenizer_config.json": {"tokenizer_class": "ByT5Tokenizer", "extra_ids": 3}}),
    (None, {"tokenizer_config.json": {"tokenizer_class": "ByT5Tokenizer", "extra_ids": 0, "additional_special_tokens": ["<y>"]}, "added_tokens.json": {"<x>": 259}}),
]


def answers(folder, room):
    """What transformers gives; texts with ids that the model has no room for are left out."""
    t = AutoTokenizer.from_pretrained(folder)
    # spiece.model is read as sentencepiece reads it, which differs from the library where U+2581 or rare graphemes are.
    for text in PROBES if not os.path.exists(f"{folder}/spiece.model") else PROBES[:1] + PROBES[3:7] + PROBES[8:]:
        ids = t(text).input_ids
        if max(ids, default=0) < room:
            unknown = 2 in ids and not folder.endswith("bytes")
            yield {"text": text, "ids": ids} | ({} if unknown else {"decoded": t.decode(ids, skip_special_tokens=True)})


with open(f"{out}/folders.jsonl", "w", encoding="utf-8") as f:
    for model, files in [(None, {"tokenizer.json": p, "tokenizer_config.json": FAST}) for p in PIPELINES] + FOLDERS:
        folder = tempfile.mkdtemp()
        if model:
            shutil.copy(f"{out}/{model}", f"{folder}/spiece.model")
        for name, content in files.items():
            with open(f"{folder}/{name}", "w", encoding="utf-8") as g:
                json.dump(content, g, ensure_ascii=False)
        beside = {"config.json": {"model_type": "t5"}} if "config.json" not in files else {}
        for name, content in beside.items():
            with open(f"{folder}/{name}", "w") as g:
                json.dump(content, g)
        room = files.get("config.json", {}).get("vocab_size", 1 << 30)
        # A vocabulary that all share is written once.
        for p in [files["tokenizer.json"]] if "tokenizer.json" in files else []:
            p["model"] = p["model"] | {"vocab": "shared"}
        f.write(json.dumps({"spiece": bool(model), "files": files, "cases": list(answers(folder, room))}, ensure_ascii=False) + "\n")
with open(f"{out}/vocab.json", "w", encoding="utf-8") as f:
    json.dump(VOCAB, f, ensure_ascii=False)

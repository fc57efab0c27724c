"""Makes fixtures/: small SentencePiece models, a tokenizer.json, and texts with the ids that sentencepiece gives.

Made with sentencepiece 0.2.3, transformers 5.23.0, tokenizers 0.23.3 (Python 3.11):
    python make_tokenizer_fixtures.py fixtures
The models are trained on sentences that this script puts together, so nobody's text is in them.
"""
import itertools, json, os, random, re, shutil, sys, tempfile
import sentencepiece as spm
from transformers import T5Tokenizer

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


with open(f"{out}/cases.jsonl", "w", encoding="utf-8") as f:
    for name, reference in REFERENCE.items():
        sp = spm.SentencePieceProcessor(model_file=f"{out}/{reference}")
        n = sp.get_piece_size()
        names = {sp.id_to_piece(i): i for i in range(n) if sp.is_control(i) or sp.is_unknown(i)} | {f"<extra_id_{i}>": n + 99 - i for i in range(100)}
        split = re.compile(b"(" + b"|".join(re.escape(s.encode()) for s in names) + b")")
        for text in texts(name):
            # Special names become their ids; what is between them is a text of its own.
            ids = [i for part in split.split(text) for i in ([names[part.decode()]] if part.decode("latin1") in names else sp.encode(part))]
            case = {"model": name}
            try:
                case["text"] = text.decode()
            except UnicodeDecodeError:
                case["hex"] = text.hex()
            decoded = sp.decode([i for i in ids if i < n])
            f.write(json.dumps(case | {"ids": ids, "decoded": decoded}, ensure_ascii=False) + "\n")
os.remove(f"{out}/rules.model")

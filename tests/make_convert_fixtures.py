"""Makes tests/fixtures of t5peft-convert: the same tiny T5 in every container, adapters, and hostile files.

    python make_convert_fixtures.py OUT

Written with Python 3.11, torch 2.15.0, safetensors 0.8.0, transformers 5.23.0, peft 0.21.2, gguf 0.19.0,
sentencepiece 0.2.3, numpy 2.4.6. Everything is seeded; all weights are f16-representable, so that f32, f16 and the
values behind them can be compared exactly.
"""
import collections, copy, io, json, os, pickle, shutil, struct, sys, tempfile, zipfile
import gguf, numpy, peft, sentencepiece, torch, transformers
from safetensors.torch import save_file

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
PIECES, VOCAB = 28, 128  # room for T5's 100 sentinels
CONFIG = dict(d_model=32, d_kv=4, d_ff=16, num_layers=1, num_decoder_layers=1, num_heads=2, vocab_size=VOCAB, feed_forward_proj="gated-gelu",
              tie_word_embeddings=False, decoder_start_token_id=0, pad_token_id=0, eos_token_id=1)


def path(*parts):
    p = os.path.join(out, *parts)
    os.makedirs(os.path.dirname(p), exist_ok=True)
    return p


# ---- the vocabulary: T5's ids (pad, eos, unk, no bos), a charsmap of four rules
def make_vocabulary():
    with tempfile.TemporaryDirectory() as d:
        text, rules = os.path.join(d, "text"), os.path.join(d, "rules.tsv")
        words = [a + b + c for a in ("ba", "ki", "mo", "tur", "s") for b in ("ra", "len", "do", "pi") for c in ("", "ng", "sha", "ted")]
        with open(text, "w") as f:
            for i in range(400):
                f.write(" ".join(words[(i * k + i // 7 + k * k) % len(words)] for k in range(1, 9)) + "\n")
        with open(rules, "w") as f:
            f.write("FF21\t41\nFF22\t42\n2026\t2E 2E 2E\nA0\t20\n")
        sentencepiece.SentencePieceTrainer.train(
            input=text, model_prefix=os.path.join(d, "m"), vocab_size=PIECES, model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1,
            normalization_rule_tsv=rules, hard_vocab_limit=True, minloglevel=2)
        shutil.copy(os.path.join(d, "m.model"), path("safetensors", "spiece.model"))


# ---- the model
def make_model():
    torch.manual_seed(7)
    config = transformers.T5Config(**CONFIG)
    model = transformers.T5ForConditionalGeneration(config)
    state = {k: torch.randn_like(v).mul_(0.3).half().float() for k, v in model.state_dict().items() if "embed_tokens" not in k}
    state["lm_head.weight"] = torch.randn(VOCAB, 32).half().float()
    config.architectures = ["T5ForConditionalGeneration"]
    config.save_pretrained(path("safetensors", "")[:-1])
    save_file({k: v.half() for k, v in state.items()}, path("safetensors", "model.safetensors"), metadata={"format": "pt"})
    return state


def companions(folder):
    for name in ("config.json", "spiece.model"):
        shutil.copy(path("safetensors", name), path(folder, name))


def make_torch(state):
    # zip: f16, f32 and f64, parameters, transposed and sliced views, a storage shared by two tensors, names that old checkpoints carry
    od = collections.OrderedDict()
    wide = torch.cat([state["encoder.block.0.layer.0.SelfAttention.q.weight"], state["encoder.block.0.layer.0.SelfAttention.k.weight"]]).half()
    for k, v in state.items():
        v = v.double() if "relative" in k else v if "norm" in k or "wo" in k else v.half()
        if k == "shared.weight":
            v = v.t().contiguous().t()
        if k == "encoder.block.0.layer.0.SelfAttention.q.weight":
            v = wide[:8]
        if k == "encoder.block.0.layer.0.SelfAttention.k.weight":
            v = wide[8:]
        if k.endswith("wo.weight"):
            v = torch.stack([v, v + 1], dim=2)[:, :, 0]
        od["module." + k] = torch.nn.Parameter(v) if "layer_norm" in k else v
    od["module.encoder.embed_tokens.weight"] = od["module.decoder.embed_tokens.weight"] = od["module.shared.weight"]
    od["module.decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"] = torch.zeros(32, 2)
    od._metadata = {"": {"version": 1}}
    torch.save({"state_dict": od, "epoch": 3, "loss": 0.25, "tags": ["a", ("b", None, -7)]}, path("zip", "pytorch_model.bin"))
    companions("zip")
    # legacy, bf16, one storage twice
    low = {k: v.bfloat16() for k, v in state.items()}
    low["encoder.embed_tokens.weight"] = low["shared.weight"]
    torch.save(low, path("legacy", "pytorch_model.bin"), _use_new_zipfile_serialization=False)
    companions("legacy")
    # sharded, f16, pickle protocol 4
    names = sorted(state)
    parts = {"pytorch_model-00001-of-00002.bin": names[::2], "pytorch_model-00002-of-00002.bin": names[1::2]}
    for file, keys in parts.items():
        torch.save({k: state[k].half() for k in keys}, path("sharded", file), pickle_protocol=4)
    weight_map = {k: f for f, keys in parts.items() for k in keys}
    json.dump({"metadata": {"total_size": 0}, "weight_map": weight_map}, open(path("sharded", "pytorch_model.bin.index.json"), "w"), indent=1)
    companions("sharded")


# ---- GGUF, written with llama.cpp's own Python package
# Q8_0 where rows divide into blocks of 32, else F16, norms F32: as llama.cpp's converter decides.
def make_gguf(state, file):
    w = gguf.GGUFWriter(path(file), "t5")
    w.add_type("model")
    w.add_name("fixture")
    w.add_context_length(512), w.add_embedding_length(32), w.add_feed_forward_length(16), w.add_block_count(1), w.add_decoder_block_count(1)
    w.add_head_count(2), w.add_key_length(4), w.add_value_length(4), w.add_layer_norm_eps(1e-6), w.add_relative_attn_buckets_count(32)
    w.add_layer_norm_rms_eps(1e-6), w.add_decoder_start_token_id(0)
    w.add_file_type(7)
    sp = sentencepiece.SentencePieceProcessor(path("safetensors", "spiece.model"))
    tokens, scores, types = [f"[PAD{i}]".encode() for i in range(VOCAB)], [-10000.0] * VOCAB, [5] * VOCAB
    for i in range(sp.vocab_size()):
        tokens[i], scores[i] = sp.id_to_piece(i).encode(), sp.get_score(i)
        types[i] = 2 if sp.is_unknown(i) else 3 if sp.is_control(i) else 1
    from sentencepiece import sentencepiece_model_pb2
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(open(path("safetensors", "spiece.model"), "rb").read())
    w.add_tokenizer_model("t5"), w.add_tokenizer_pre("default"), w.add_token_list(tokens), w.add_token_scores(scores), w.add_token_types(types)
    w.add_add_space_prefix(True), w.add_remove_extra_whitespaces(True), w.add_precompiled_charsmap(proto.normalizer_spec.precompiled_charsmap)
    w.add_eos_token_id(1), w.add_unk_token_id(2), w.add_pad_token_id(0), w.add_add_eos_token(True), w.add_quantization_version(2)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.T5, 1)
    for k, v in state.items():
        name = names.get_name(k, try_suffixes=(".weight",))
        data = v.numpy()
        if data.ndim == 1:
            w.add_tensor(name, data)
        elif data.shape[-1] % 32:
            w.add_tensor(name, data.astype(numpy.float16))
        else:
            q = gguf.quants.quantize(data, gguf.GGMLQuantizationType.Q8_0)
            w.add_tensor(name, q, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    w.write_header_to_file(), w.write_kv_data_to_file(), w.write_tensors_to_file(), w.close()


# ---- adapters, and what peft makes of merging them
def make_adapters(state):
    for name, options in {"adapter": dict(r=4, lora_alpha=8, target_modules=["q", "v"]),
                          "adapter-rs": dict(r=2, lora_alpha=6, use_rslora=True, target_modules=["q", "wo", "lm_head"], rank_pattern={"EncDecAttention.q": 3})}.items():
        model = transformers.T5ForConditionalGeneration(transformers.T5Config(**CONFIG))
        torch.manual_seed(11)
        model = peft.get_peft_model(model, peft.LoraConfig(task_type="SEQ_2_SEQ_LM", **options))
        with torch.no_grad():
            for k, p in model.named_parameters():
                if "lora_" in k:
                    p.copy_((torch.randn_like(p) * 0.2).half())
        model.save_pretrained(path(name, "")[:-1], save_embedding_layers=False)
        os.path.exists(path(name, "README.md")) and os.remove(path(name, "README.md"))
    torch.save({k: v for k, v in __import__("safetensors.torch").torch.load_file(path("adapter", "adapter_model.safetensors")).items()}, path("adapter", "adapter_model.bin"))
    os.remove(path("adapter", "adapter_model.safetensors"))
    # 1 x adapter + 0.5 x adapter-rs in double, rounded to bf16 once (torch rounds a double to bf16 through float, so numpy's integers do it)
    merged = {k: v.double() for k, v in state.items()}
    for name, weight, scale in (("adapter", 1.0, lambda m: 8 / 4), ("adapter-rs", 0.5, lambda m: 6 / (3 if m.endswith("EncDecAttention.q") else 2) ** 0.5)):
        file = path(name, "adapter_model.bin")
        lora = torch.load(file) if os.path.exists(file) else __import__("safetensors.torch").torch.load_file(path(name, "adapter_model.safetensors"))
        for k in lora:
            if ".lora_A." in k:
                module = k[len("base_model.model."):k.index(".lora_A.")]
                merged[module + ".weight"] += weight * scale(module) * (lora[k.replace("lora_A", "lora_B")].double() @ lora[k].double())
    def nearest(t):  # float64 -> bf16, ties to even: candidates from both sides, the nearer one
        f = t.float().bfloat16()
        i = f.view(torch.int16)
        best, error = f, (f.double() - t).abs()
        for step in (-1, 1):
            g = (i + step).view(torch.bfloat16)
            e = (g.double() - t).abs()
            best = torch.where(e < error, g, best)
            error = torch.fmin(e, error)
        return best
    save_file({k: nearest(v).contiguous() for k, v in merged.items()}, path("merged", "model.safetensors"), metadata={"format": "pt"})
    companions("merged")


# ---- hostile files: each must be refused with one line
def zip_with(pickled, storages={"0": b"\0" * 16}, **kind):
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w", kind.get("method", zipfile.ZIP_STORED)) as z:
        z.writestr("archive/data.pkl", pickled)
        z.writestr("archive/byteorder", kind.get("order", "little"))
        for k, v in storages.items():
            z.writestr(f"archive/data/{k}", v)
        if kind.get("escape"):
            z.writestr("../evil", b"x")
    return b.getvalue()


def text(s):
    return b"X" + struct.pack("<I", len(s)) + s


def integer(n):
    return b"J" + struct.pack("<i", n) if -2 ** 31 <= n < 2 ** 31 else b"\x8a\x08" + struct.pack("<q", n)


def tensor(shape=(2, 2), stride=(2, 1), offset=0, numel=4, key=b"0", kind=b"FloatStorage", name=b"torch._utils\n_rebuild_tensor_v2\n"):
    storage = b"(" + text(b"storage") + b"ctorch\n" + kind + b"\n" + text(key) + text(b"cpu") + integer(numel) + b"tQ"
    sizes = b"(" + b"".join(map(integer, shape)) + b"t(" + b"".join(map(integer, stride)) + b"t"
    return b"c" + name + b"(" + storage + integer(offset) + sizes + b"\x89ccollections\nOrderedDict\n)RtR"


def state(*pairs):
    return b"\x80\x02}(" + b"".join(text(k) + v for k, v in pairs) + b"u."


def legacy(body, keys=b"](" + text(b"0") + b"e", tail=struct.pack("<q", 4) + b"\0" * 16):
    return (b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19." + b"\x80\x02M\xe9\x03." + b"\x80\x02}." + body + b"\x80\x02" + keys + b"." + tail)


def make_hostile():
    good = state((b"shared.weight", tensor()))
    files = {
        "calls-system": zip_with(b"\x80\x02cposix\nsystem\n" + text(b"true") + b"\x85R."),
        "calls-eval-later": zip_with(state((b"shared.weight", tensor()), (b"x", b"c__builtin__\neval\n" + text(b"1") + b"\x85R"))),
        "calls-by-stack": zip_with(b"\x80\x04" + text(b"os") + text(b"system") + b"\x93" + text(b"true") + b"\x85R."),
        "calls-legacy": legacy(b"\x80\x02cposix\nsystem\n" + text(b"true") + b"\x85R."),
        "opcode-inst": zip_with(b"\x80\x02(iposix\nsystem\n."),
        "opcode-newobj": zip_with(b"\x80\x02ccollections\nOrderedDict\n)\x81."),
        "opcode-unknown": zip_with(b"\x80\x02\xff."),
        "underflow": zip_with(b"\x80\x02R."),
        "no-mark": zip_with(b"\x80\x02}u."),
        "odd-pairs": zip_with(b"\x80\x02}(K\x01u."),
        "no-stop": zip_with(b"\x80\x02}"),
        "memo-huge": zip_with(b"\x80\x02}r\xff\xff\xff\xff."),
        "memo-unset": zip_with(b"\x80\x02h\x07."),
        "memo-cycle": zip_with(b"\x80\x02}q\0(" + text(b"state_dict") + b"h\0u."),
        "tuple-cycle": zip_with(b"\x80\x02]q\0h\0a0."),
        "deep": zip_with(b"\x80\x02" + b"](" * 1500 + b"e" * 1500 + b"."),
        "not-a-dict": zip_with(b"\x80\x02K\x01."),
        "empty-dict": zip_with(b"\x80\x02}."),
        "string-too-long": zip_with(b"\x80\x02X\xff\xff\xff\xffab."),
        "past-the-end": zip_with(state((b"shared.weight", tensor(offset=2)))),
        "offset-overflow": zip_with(state((b"shared.weight", tensor(offset=2 ** 62)))),
        "stride-overflow": zip_with(state((b"shared.weight", tensor(stride=(2 ** 62, 2 ** 62))))),
        "stride-negative": zip_with(state((b"shared.weight", tensor(stride=(-2, 1))))),
        "shape-overflow": zip_with(state((b"shared.weight", tensor(shape=(2 ** 40, 2 ** 40), stride=(0, 0))))),
        "shape-expanded": zip_with(state((b"shared.weight", tensor(shape=(1000, 1000), stride=(0, 0))))),
        "shape-rank": zip_with(state((b"shared.weight", tensor(shape=(1,) * 9, stride=(1,) * 9)))),
        "shape-mismatch": zip_with(state((b"shared.weight", tensor(shape=(2, 2), stride=(1,))))),
        "numel-lies": zip_with(state((b"shared.weight", tensor(numel=5)))),
        "storage-missing": zip_with(state((b"shared.weight", tensor(key=b"7")))),
        "storage-unknown": zip_with(state((b"shared.weight", tensor(kind=b"ComplexFloatStorage")))),
        "name-twice": zip_with(state((b"shared.weight", tensor()), (b"shared.weight", tensor()))),
        "name-dots": zip_with(state((b"../../shared.weight", tensor()))),
        "name-control": zip_with(state((b"shared\n.weight", tensor()))),
        "zip-dots": zip_with(good, escape=True),
        "zip-compressed": zip_with(good, method=zipfile.ZIP_DEFLATED),
        "zip-big-endian": zip_with(good, order="big"),
        "zip-truncated": zip_with(good)[:-30],
        "zip-directory": zip_with(good)[:-6] + struct.pack("<IH", 0x7fffffff, 0),
        "zip-no-pickle": b"PK\5\6" + b"\0" * 18,
        "legacy-truncated": legacy(good)[:-1],
        "legacy-size": legacy(good, tail=struct.pack("<q", 2 ** 62) + b"\0" * 16),
        "legacy-negative": legacy(good, tail=struct.pack("<q", -1) + b"\0" * 16),
        "legacy-keys": legacy(good, keys=b"](" + text(b"9") + b"e"),
        "legacy-version": legacy(good).replace(b"M\xe9\x03", b"M\xe8\x03"),
        "legacy-magic": b"\x80\x02\x8a\x01\x00." + legacy(good),
        "not-a-t5": zip_with(state((b"bert.weight", tensor()))),
    }
    b = bytearray(b"GGUF" + struct.pack("<IQQ", 3, 1, 1))
    def gguf_text(s):
        return struct.pack("<Q", len(s)) + s
    arch = gguf_text(b"general.architecture") + struct.pack("<I", 8) + gguf_text(b"t5")
    def info(name=b"token_embd.weight", dims=(2, 2), kind=0, offset=0):
        return gguf_text(name) + struct.pack("<I", len(dims)) + b"".join(struct.pack("<Q", d) for d in dims) + struct.pack("<IQ", kind, offset)
    def gguf_file(keys=(arch,), infos=(info(),), version=3, n_keys=None, n_infos=None, data=b"\0" * 64):
        head = b"GGUF" + struct.pack("<IQQ", version, len(infos) if n_infos is None else n_infos, len(keys) if n_keys is None else n_keys)
        body = head + b"".join(keys) + b"".join(infos)
        return body + b"\0" * (-len(body) % 32) + data
    files.update({
        "gguf-version": gguf_file(version=1),
        "gguf-arch": gguf_file(keys=(arch.replace(b"t5", b"xx"),)),
        "gguf-keys": gguf_file(n_keys=2 ** 60),
        "gguf-tensors": gguf_file(n_infos=2 ** 60),
        "gguf-string": gguf_file(keys=(arch, struct.pack("<Q", 2 ** 63) + b"x")),
        "gguf-array": gguf_file(keys=(arch, gguf_text(b"a") + struct.pack("<IIQ", 9, 12, 2 ** 61))),
        "gguf-nested": gguf_file(keys=(arch, gguf_text(b"a") + struct.pack("<IIQ", 9, 9, 1))),
        "gguf-type": gguf_file(infos=(info(kind=12),)),
        "gguf-rank": gguf_file(infos=(info(dims=(1,) * 9),)),
        "gguf-shape": gguf_file(infos=(info(dims=(2 ** 40, 2 ** 40)),)),
        "gguf-offset": gguf_file(infos=(info(offset=2 ** 63),)),
        "gguf-past-the-end": gguf_file(infos=(info(dims=(64, 64)),)),
        "gguf-rows": gguf_file(infos=(info(dims=(2, 2), kind=8),)),
        "gguf-twice": gguf_file(infos=(info(), info())),
        "gguf-name": gguf_file(infos=(info(name=b"blk.0.attn_q.weight"),)),
        "gguf-dots": gguf_file(infos=(info(name=b"../x"),)),
        "gguf-alignment": gguf_file(keys=(arch, gguf_text(b"general.alignment") + struct.pack("<II", 4, 0))),
        "gguf-split": gguf_file(keys=(arch, gguf_text(b"split.count") + struct.pack("<IH", 2, 3))),
        "gguf-truncated": gguf_file()[:40],
    })
    header = json.dumps({"shared.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}).encode()
    files.update({
        "st-truncated": struct.pack("<Q", len(header)) + header + b"\0" * 15,
        "st-header": struct.pack("<Q", 2 ** 60) + header,
        "st-int8": (lambda h: struct.pack("<Q", len(h)) + h + b"\0" * 16)(header.replace(b"F32", b"I8").replace(b"16", b"4")),
        "empty": b"",
        "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    })
    for name, data in files.items():
        open(path("hostile", name), "wb").write(data)
    for name, target in {"shard-dots": "../zip/pytorch_model.bin", "shard-missing": "nowhere.bin", "shard-self": ".."}.items():
        json.dump({"weight_map": {"shared.weight": target}}, open(path("hostile", name + ".index.json"), "w"))


make_vocabulary()
weights = make_model()
make_torch(weights)
make_gguf(weights, "q8_0.gguf")
make_adapters(weights)
make_hostile()

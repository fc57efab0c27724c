"""Compares what t5peft-convert writes with what torch, safetensors, gguf, transformers and peft make of the same input.

    python convert_roundtrip.py T5PEFT_CONVERT FIXTURES [SPIECE_MODEL]

SPIECE_MODEL: the vocabulary of FLAN-T5, for one more check with the real one. Versions: see make_convert_fixtures.py.
"""
import json, os, shutil, subprocess, sys, tempfile
import gguf, numpy, torch, transformers
from safetensors.torch import load_file, save_file

tool, fixtures = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
real = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else None
work = tempfile.mkdtemp()
checks = 0


def convert(source, target, *options):
    source, target = os.path.join(fixtures, source), os.path.join(work, target)
    r = subprocess.run([tool, source, target, *options], capture_output=True, text=True)
    assert r.returncode == 0, r.stderr
    return target


def ok(condition, what):
    global checks
    checks += 1
    assert condition, what


def same(a, b, what):
    ok(sorted(a) == sorted(b), (what, set(a) ^ set(b)))
    for k in a:
        ok(a[k].dtype == b[k].dtype and a[k].shape == b[k].shape and torch.equal(a[k].contiguous().view(torch.uint8), b[k].contiguous().view(torch.uint8)), (what, k))


def nearest_bf16(t):  # float64 -> bf16 by the nearer of three candidates, the even one of two
    f = t.float().bfloat16()
    best, error = f, (f.double() - t).abs()
    for step in (-1, 1):
        g = (f.view(torch.int16) + step).view(torch.bfloat16)
        e = (g.double() - t).abs()
        best = torch.where((e < error) | ((e == error) & (g.view(torch.int16) % 2 == 0)), g, best)
        error = torch.fmin(e, error)
    return best


def logits(model):
    with torch.no_grad():
        return model.eval()(input_ids=torch.tensor([[5, 9, 3, 1]]), decoder_input_ids=torch.tensor([[0, 7, 8]])).logits


def load(folder, **options):
    model, info = transformers.T5ForConditionalGeneration.from_pretrained(folder, output_loading_info=True, **options)
    ok(not info["missing_keys"] and not info["unexpected_keys"], info)
    return model


base = load_file(os.path.join(fixtures, "safetensors", "model.safetensors"))
f32 = {k: v.float() for k, v in base.items()}
reference = logits(load(os.path.join(fixtures, "safetensors"), dtype=torch.float32))

# every container, every type
for source in ("safetensors", "zip", "legacy", "sharded"):
    for name, dtype in {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}.items():
        got = load_file(os.path.join(convert(source, f"{source}-{name}", "--dtype", name), "model.safetensors"))
        want = f32 if source != "legacy" else {k: v.bfloat16().float() for k, v in f32.items()}
        same(got, {k: v.to(dtype) for k, v in want.items()}, (source, name))
    kept = load_file(os.path.join(convert(source, f"{source}-kept"), "model.safetensors"))
    if source != "safetensors":
        files = [f for f in sorted(os.listdir(os.path.join(fixtures, source))) if f.endswith(".bin")]
        state = {}
        for f in files:
            one = torch.load(os.path.join(fixtures, source, f), weights_only=False)
            state.update({k.removeprefix("module."): v.detach() for k, v in one.get("state_dict", one).items()})
        state = {k: v.float() if v.dtype == torch.float64 else v for k, v in state.items() if k in base}
        same(kept, state, (source, "kept"))
    model = load(os.path.join(work, f"{source}-f32"), dtype=torch.float32)
    ok(source == "legacy" or torch.equal(logits(model), reference), source)

# shards
folder = convert("safetensors", "shards", "--dtype", "f32", "--shard-size", "20KB")
files = [f for f in os.listdir(folder) if f.endswith(".safetensors")]
ok(len(files) > 2, files)
merged = {}
for f in files:
    merged.update(load_file(os.path.join(folder, f)))
same(merged, f32, "shards")
ok(torch.equal(logits(load(folder, dtype=torch.float32)), reference), "shards' logits")
same(load_file(os.path.join(convert(folder, "unsharded"), "model.safetensors")), f32, "unsharded")

# GGUF out: tensors, types and keys against llama.cpp's package
fixture = gguf.GGUFReader(os.path.join(fixtures, "q8_0.gguf"))
for name, kind in {"f32": None, "f16": "F16", "int8": "Q8_0", "bf16": "BF16"}.items():
    target = convert("safetensors", f"out-{name}.gguf", "--dtype", name)
    ours = gguf.GGUFReader(target)
    tensors = {t.name: t for t in ours.tensors}
    ok(sorted(tensors) == sorted(t.name for t in fixture.tensors), "names")
    for t in fixture.tensors:
        mine = tensors[t.name]
        ok(list(mine.shape) == list(t.shape), t.name)
        if name == "int8":
            ok(mine.tensor_type == t.tensor_type and numpy.array_equal(mine.data, t.data), t.name)
    for k, field in fixture.fields.items():
        if not k.startswith("GGUF.") and k not in ("general.name", "general.file_type"):
            ok(k in ours.fields and ours.fields[k].types == field.types and ours.fields[k].contents() == field.contents(), k)
    ok({k for k in ours.fields} == {k for k in fixture.fields}, set(ours.fields) ^ set(fixture.fields))
    if name == "f32":
        other = transformers.T5ForConditionalGeneration.from_pretrained(work, gguf_file=f"out-{name}.gguf", dtype=torch.float32)
        state = other.state_dict()  # not its logits: transformers takes the activation to be relu, which a GGUF does not say
        ok(all(torch.equal(state[k], f32[k]) for k in f32), "transformers reads our GGUF")
    back = load_file(os.path.join(convert(target, f"back-{name}"), "model.safetensors"))
    ok(sorted(back) == sorted(base), "names back")
    if name in ("f32", "f16"):
        same({k: v.float() for k, v in back.items()}, f32, f"back-{name}")
        model = load(os.path.join(work, f"back-{name}"), dtype=torch.float32)
        ok(torch.equal(logits(model), reference), "logits back")
    again = gguf.GGUFReader(convert(target, f"again-{name}.gguf"))
    for t in again.tensors:
        ok(numpy.array_equal(t.data, tensors[t.name].data) and t.tensor_type == tensors[t.name].tensor_type, "GGUF to GGUF")

# GGUF in: Q8_0 against gguf's own dequantization; the vocabulary
folder = convert("q8_0.gguf", "q8")
got = load_file(os.path.join(folder, "model.safetensors"))
names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.T5, 1)
for k, v in got.items():
    t = next(t for t in fixture.tensors if t.name == names.get_name(k, try_suffixes=(".weight",)))
    want = gguf.quants.dequantize(t.data, t.tensor_type) if t.tensor_type == 8 else t.data
    ok(numpy.array_equal(v.float().numpy(), numpy.asarray(want, dtype=numpy.float32)), k)
load(folder)
texts = ["bara king tursha", " \uff21\u2026  sted\u00a0mora ", "unknown \u4e2d words", ""]
def ids(folder):
    t = transformers.AutoTokenizer.from_pretrained(folder)
    return [t(x).input_ids for x in texts + ["<extra_id_0> mora <extra_id_1>"]]
shutil.copy(os.path.join(folder, "tokenizer_config.json"), os.path.join(work, "zip-kept"))
ok(ids(folder) == ids(os.path.join(work, "zip-kept")), "tokenizer out of a GGUF")
import sentencepiece
a, b = (sentencepiece.SentencePieceProcessor(os.path.join(f, "spiece.model")) for f in (folder, os.path.join(fixtures, "zip")))
ok(all(a.encode(x) == b.encode(x) and a.encode(x, out_type=str) == b.encode(x, out_type=str) for x in texts), "sentencepiece reads our spiece.model")
ok([(a.id_to_piece(i), a.get_score(i), a.is_control(i), a.is_unknown(i)) for i in range(a.vocab_size())] ==
   [(b.id_to_piece(i), b.get_score(i), b.is_control(i), b.is_unknown(i)) for i in range(b.vocab_size())], "pieces")
ok((a.unk_id(), a.eos_id(), a.pad_id(), a.bos_id()) == (2, 1, 0, -1), "special ids")

# a folder that has only tokenizer.json
folder = convert("safetensors", "json")
shutil.copy(os.path.join(work, "q8", "tokenizer_config.json"), folder)
transformers.AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
os.remove(os.path.join(folder, "spiece.model"))
reader = gguf.GGUFReader(convert(folder, "json.gguf"))
want = fixture.fields["tokenizer.ggml.tokens"].contents()
got = reader.fields["tokenizer.ggml.tokens"].contents()
ok(got[:28] == want[:28] and got[28] == "<extra_id_99>" and got[127] == "<extra_id_0>", "tokens of tokenizer.json")
ok(reader.fields["tokenizer.ggml.scores"].contents()[3:28] == fixture.fields["tokenizer.ggml.scores"].contents()[3:28], "scores")
ok(reader.fields["tokenizer.ggml.token_type"].contents()[:28] == fixture.fields["tokenizer.ggml.token_type"].contents()[:28], "types")
ok(reader.fields["tokenizer.ggml.precompiled_charsmap"].contents() == fixture.fields["tokenizer.ggml.precompiled_charsmap"].contents(), "charsmap")

# merging: against double arithmetic, and peft's own merge
options = ["--merge", os.path.join(fixtures, "adapter"), "--merge", os.path.join(fixtures, "adapter-rs") + "=0.5"]
got = load_file(os.path.join(convert("safetensors", "merged", "--dtype", "bf16", *options), "model.safetensors"))
same(got, load_file(os.path.join(fixtures, "merged", "model.safetensors")), "merged")
import peft
adapter = convert("adapter", "adapter")
theirs = peft.PeftModel.from_pretrained(load(os.path.join(work, "safetensors-f32"), dtype=torch.float32), adapter).merge_and_unload().state_dict()
mine = load_file(os.path.join(convert("safetensors", "merged1", "--dtype", "f32", "--merge", adapter), "model.safetensors"))
ok(all(torch.allclose(mine[k], theirs[k], atol=1e-6) for k in mine), "peft's merge")
both = load_file(os.path.join(adapter, "adapter_model.safetensors"))
same(both, torch.load(os.path.join(fixtures, "adapter", "adapter_model.bin")), "adapter")

# truncating: peft opens what is left, and its change is the best of rank 1 that torch's SVD knows
base = load(os.path.join(work, "safetensors-f32"), dtype=torch.float32).state_dict()
short = peft.PeftModel.from_pretrained(load(os.path.join(work, "safetensors-f32"), dtype=torch.float32), convert(adapter, "short", "--truncate", "1"))
short = short.merge_and_unload().state_dict()
for k in base:
    U, S, V = torch.linalg.svd((theirs[k] - base[k]).double(), full_matrices=False) if base[k].ndim == 2 else (None, None, None)
    want = base[k] if U is None or not S[0] else base[k] + S[0] * U[:, :1] @ V[:1]
    ok(torch.allclose(short[k].double(), want.double(), atol=1e-6), ("truncated", k))

# int8: the rows' formula, and back
got = load_file(os.path.join(convert("safetensors", "int8", "--dtype", "int8"), "model.safetensors"))
for k, v in f32.items():
    if v.ndim == 2 and "relative" not in k:
        scale = (v.double().abs().amax(1) / 127).float()
        ok(torch.equal(got[k + ".scale"], scale), k)
        ok(torch.equal(got[k], torch.round(v.double() / scale.double()[:, None]).to(torch.int8)), k)
    else:
        ok(torch.equal(got[k], v) and k + ".scale" not in got, k)
back = load_file(os.path.join(convert(os.path.join(work, "int8"), "int8-f32", "--dtype", "f32"), "model.safetensors"))
for k in back:
    want = got[k].float() * got[k + ".scale"][:, None] if k + ".scale" in got else got[k]
    ok(torch.equal(back[k], want), k)
same(load_file(os.path.join(convert(os.path.join(work, "int8"), "int8-kept"), "model.safetensors")), got, "int8 kept")

# rounding: doubles on, beside and between the halfway points of f16 and bf16, subnormals, overflow
rng = numpy.random.default_rng(1)
half = numpy.arange(0x7c00, dtype=numpy.uint16).view(numpy.float16).astype(numpy.float64)
brain = torch.arange(0x7f80, dtype=torch.int32).to(torch.int16).view(torch.bfloat16).double().numpy()
values = []
for grid in (half, brain):
    middle = (grid[1:] + grid[:-1]) / 2
    values += [grid, middle, numpy.nextafter(middle, 0), numpy.nextafter(middle, 1e300), grid[:-1] + (grid[1:] - grid[:-1]) * rng.random(len(grid) - 1)]
values = numpy.concatenate(values + [numpy.array([65519.9, 65520, 1e30, 3.39e38])])
values = numpy.concatenate([values, -values])
values = torch.from_numpy(numpy.resize(values, (len(values) // 8 * 8 + 8))).reshape(-1, 8)
os.makedirs(os.path.join(work, "f64"))
save_file({"shared.weight": values}, os.path.join(work, "f64", "model.safetensors"))
to_half = load_file(os.path.join(convert(os.path.join(work, "f64"), "f64-f16", "--dtype", "f16"), "model.safetensors"))["shared.weight"]
with numpy.errstate(over="ignore"):
    ok(numpy.array_equal(to_half.numpy().view(numpy.uint16), values.numpy().astype(numpy.float16).view(numpy.uint16)), "f64 to f16")
to_brain = load_file(os.path.join(convert(os.path.join(work, "f64"), "f64-bf16", "--dtype", "bf16"), "model.safetensors"))["shared.weight"]
ok(torch.equal(to_brain.double(), nearest_bf16(values).double()), "f64 to bf16")

# T5 1.0: relu without a gate, the head tied to the embedding, which old files repeat under four names
folder = os.path.join(work, "tied")
os.makedirs(folder)
config = dict(d_model=32, d_kv=4, d_ff=32, num_layers=2, num_heads=2, vocab_size=128, feed_forward_proj="relu", decoder_start_token_id=0)
model = transformers.T5ForConditionalGeneration(transformers.T5Config(**config))
torch.save(model.state_dict(), os.path.join(folder, "pytorch_model.bin"))
ok("lm_head.weight" in model.state_dict() and "encoder.embed_tokens.weight" in model.state_dict(), "the premise")
model.config.save_pretrained(folder)
shutil.copy(os.path.join(fixtures, "zip", "spiece.model"), folder)
for target in (convert(folder, "tied-st"), convert(convert(folder, "tied.gguf"), "tied-back")):
    got = load_file(os.path.join(target, "model.safetensors"))
    ok("lm_head.weight" not in got and "encoder.block.1.layer.1.DenseReluDense.wi.weight" in got, "tied names")
    ok(torch.equal(logits(load(target)), logits(model)), "tied logits")

# the real vocabulary: 32,000 pieces through a GGUF and back
if real:
    folder = os.path.join(work, "real")
    os.makedirs(folder)
    config = dict(d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=1, vocab_size=32128, feed_forward_proj="gated-gelu", tie_word_embeddings=False, decoder_start_token_id=0)
    model = transformers.T5ForConditionalGeneration(transformers.T5Config(**config))
    model.half().save_pretrained(folder)
    shutil.copy(real, os.path.join(folder, "spiece.model"))
    back = convert(convert(folder, "real.gguf"), "real-back")
    a, b = (sentencepiece.SentencePieceProcessor(os.path.join(f, "spiece.model")) for f in (folder, back))
    ok(a.vocab_size() == b.vocab_size() == 32000, "real pieces")
    text = open(os.path.abspath(__file__), encoding="utf-8").read() + " \u00bd \ufb01n \u3000x\u0301 \u00c0 la carte; na\u00efve \U0001f600"
    ok(all(a.encode(x) == b.encode(x) for x in text.split("\n")), "real ids")
    t = transformers.AutoTokenizer.from_pretrained(back)
    ok(t("Summarize the following conversation. <extra_id_0>").input_ids == a.encode("Summarize the following conversation.") + [32099, 1], "real tokenizer")

shutil.rmtree(work)
print(f"roundtrip: {checks} checks passed")

"""Write the fixtures of `make test`: small T5 folders with random weights and what transformers and peft make of them.

    python make_fixtures.py [OUT]        # OUT is the folder fixtures/model beside this script if not given

Made with torch 2.15.0, transformers 5.23.0, peft 0.21.2, safetensors 0.8.0, numpy 2.4.6, Python 3.11; CPU, float32, one
thread, no dropout anywhere. The same versions give the same bytes. A reference.safetensors beside each model holds
(all F32 or I32; N tokens of a packed batch, S rows, D d_model, V vocabulary):

    source, source_offsets, target, target_offsets   rows laid end to end, offsets S+1; every target ends in </s> = 1
    encoder (N source x D)  logits (N target x V)  loss (sum over target tokens / their number)  row_loss (S)
    grad.full.NAME          gradient of loss, NAME as in model.safetensors; a tied shared.weight holds all its parts
    A.loss A.logits grad.A.NAME A.greedy             the same with adapter folder A: lora, lora_all, prompt, prompt2
    grad.prompt, grad.prompt2                        gradient of the one tensor of a soft prompt
    curve.A.loss curve.A.norm                        20 steps (see `curve`, `curves`), A: lora, prompt, full; norm before clipping
    greedy repetition beam beam_long beam_long_true beam_long_never   generated ids, each with NAME_offsets (see GENERATE)
"""
import json, os, shutil, sys

import torch
from peft import LoraConfig, PeftModel, PromptTuningConfig, TaskType, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForSeq2SeqLM, T5Config, T5ForConditionalGeneration, logging, optimization

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
logging.set_verbosity_error()
logging.disable_progress_bar()
V = 300
LENGTHS = [(1, 1), (7, 4), (19, 11), (33, 6)]  # source and target tokens of each row
FLAN = dict(architectures=["T5ForConditionalGeneration"], model_type="t5", vocab_size=V, d_model=32, d_kv=8, num_heads=3, d_ff=40,
            num_layers=2, num_decoder_layers=2, feed_forward_proj="gated-gelu", tie_word_embeddings=False, dropout_rate=0.1,
            layer_norm_epsilon=1e-6, relative_attention_num_buckets=32, relative_attention_max_distance=128, n_positions=512,
            decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, is_encoder_decoder=True, use_cache=True, initializer_factor=1.0)
# As transformers 4 wrote t5-small: no tie_word_embeddings, no relative_attention_max_distance.
V1 = dict(architectures=["T5ForConditionalGeneration"], d_ff=40, d_kv=8, d_model=32, decoder_start_token_id=0, dropout_rate=0.1,
          eos_token_id=1, feed_forward_proj="relu", initializer_factor=1.0, is_encoder_decoder=True, layer_norm_epsilon=1e-06,
          model_type="t5", n_positions=512, num_decoder_layers=1, num_heads=4, num_layers=2, output_past=True, pad_token_id=0,
          relative_attention_num_buckets=32, use_cache=True, vocab_size=V)
# As transformers 5 writes a model with an untied head: tie_word_embeddings is true all the same.
DEEP = {**FLAN, "feed_forward_proj": "gated-silu", "num_layers": 1, "num_decoder_layers": 3, "num_heads": 4, "tie_word_embeddings": True,
        "scale_decoder_outputs": False, "dense_act_fn": "silu", "is_gated_act": True, "dtype": "bfloat16"}


UMT5 = {**FLAN, "model_type": "umt5", "architectures": ["UMT5ForConditionalGeneration"]}


def random_weights(config, seed, tied):
    """Weights at T5's own scale, with norms away from 1, attention away from uniform and position biases that matter."""
    torch.manual_seed(seed)
    c = T5Config(**config)
    state = {}
    for name, w in T5ForConditionalGeneration(c).state_dict().items():
        fan_in = w.shape[-1] ** -0.5
        if "embed_tokens" in name or (tied and name == "lm_head.weight"):
            continue
        if "norm" in name:
            state[name] = 1 + 0.2 * torch.randn(w.shape)
        elif "relative_attention_bias" in name or name == "shared.weight":
            state[name] = torch.randn(w.shape)
        elif name.endswith(".q.weight"):
            state[name] = torch.randn(w.shape) * fan_in * c.d_kv**-0.5 * 2
        else:  # a tied model repeats its input for ever unless attention outweighs the embeddings
            state[name] = torch.randn(w.shape) * fan_in * (8 if tied and name.endswith(".o.weight") else 1)
    return state


def write_model(folder, config, state, dtype, shards=1):
    os.makedirs(folder)
    with open(f"{folder}/config.json", "w") as f:
        json.dump(config, f, indent=2)
    state = {k: v.to(dtype).contiguous() for k, v in sorted(state.items())}
    if shards == 1:
        return save_file(state, f"{folder}/model.safetensors", metadata={"format": "pt"})
    names, where = list(state), {}
    for i in range(shards):
        file = f"model-{i + 1:05}-of-{shards:05}.safetensors"
        part = {k: state[k] for k in names[i::shards]}
        save_file(part, f"{folder}/{file}", metadata={"format": "pt"})
        where.update({k: file for k in part})
    size = sum(v.numel() * v.element_size() for v in state.values())
    with open(f"{folder}/model.safetensors.index.json", "w") as f:
        json.dump({"metadata": {"total_size": size}, "weight_map": dict(sorted(where.items()))}, f, indent=2)


def load(folder, adapter=None, dtype=torch.float32):
    """A model in eval mode (dropout off, gradients as ever), with the adapter in a folder inside its own, or anywhere."""
    m = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager")
    m.generation_config.decoder_start_token_id = 0
    if adapter:
        folder = os.path.join(folder, adapter)
        with open(f"{folder}/adapter_config.json") as f:
            soft = json.load(f)["peft_type"] == "PROMPT_TUNING"
        m = PeftModel.from_pretrained(m, folder, is_trainable=not soft)  # peft refuses is_trainable for soft prompts
        if soft:
            m.prompt_encoder.requires_grad_(True)
    return m.eval()


def random_rows(seed, lengths):
    g = torch.Generator().manual_seed(seed)
    row = lambda n: torch.randint(2, V, (n - 1,), generator=g).tolist() + [1]
    return [(row(s), row(t)) for s, t in lengths]


def batch(rows):
    x = torch.zeros(len(rows), max(len(s) for s, _ in rows), dtype=torch.long)
    y = torch.full((len(rows), max(len(t) for _, t in rows)), -100)
    mask = torch.zeros_like(x)
    for i, (s, t) in enumerate(rows):
        x[i, :len(s)] = torch.tensor(s)
        mask[i, :len(s)] = 1
        y[i, :len(t)] = torch.tensor(t)
    return dict(input_ids=x, attention_mask=mask, labels=y)


def packed(name, rows):
    offsets = [0]
    for r in rows:
        offsets.append(offsets[-1] + len(r))
    flat = torch.tensor([i for r in rows for i in r], dtype=torch.int32)
    return {name: flat, f"{name}_offsets": torch.tensor(offsets, dtype=torch.int32)}


def forward(model, rows):
    out = model(**batch(rows))
    real = batch(rows)["labels"] != -100
    return out, out.logits[real]


def adapter_gradients(model, kind):
    g = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
    if kind.startswith("prompt"):
        return {f"grad.{kind}": next(iter(g.values()))}
    return {f"grad.{kind}.{n.replace('.default', '')}": v for n, v in g.items()}


def decayed(name):
    """transformers' Trainer decays all but norms and whatever has `bias` in its name: relative_attention_bias too."""
    return "bias" not in name and "norm" not in name


def curve(model, rows, lr, decay, steps=20, warmup=4):
    """AdamW, gradients clipped to norm 1, linear schedule; steps take rows 0,1 and rows 2,3 in turn."""
    params = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    groups = [dict(params=[p for n, p in params if decayed(n)], weight_decay=decay),
              dict(params=[p for n, p in params if not decayed(n)], weight_decay=0.0)]
    opt = torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.999), eps=1e-8)
    schedule = optimization.get_linear_schedule_with_warmup(opt, warmup, steps)
    losses, norms = [], []
    for step in range(steps):
        loss = model(**batch(rows[0:2] if step % 2 == 0 else rows[2:4])).loss
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_([p for _, p in params], 1.0).item())
        losses.append(loss.item())
        opt.step()
        schedule.step()
        opt.zero_grad()
    return torch.tensor(losses), torch.tensor(norms)


def curves(folder, adapter, rows):
    """The curve of one method, refused if it amplifies rounding."""
    lr, decay = dict(full=(1e-3, 0.01), lora=(5e-3, 0.0), prompt=(0.3, 0.0))[adapter or "full"]
    losses, norms = curve(load(folder, adapter), rows, lr, decay)
    exact = curve(load(folder, adapter).double(), rows, lr, decay)
    assert ((norms - exact[1]).abs() / exact[1]).max() < 2e-5, (folder, adapter)
    name = f"curve.{adapter or 'full'}"
    return {f"{name}.loss": losses, f"{name}.norm": norms}


GENERATE = dict(greedy={}, repetition=dict(repetition_penalty=1.3))
BEAM = dict(num_beams=4, length_penalty=0.8, no_repeat_ngram_size=2, min_new_tokens=3)
for word, early in (("", False), ("_true", True), ("_never", "never")):  # a high length penalty sets these three apart
    GENERATE["beam_long" + word] = {**BEAM, "length_penalty": 2.0, "early_stopping": early}
GENERATE["beam"] = {**BEAM, "early_stopping": False}


def generate(model, rows, **options):
    """Row by row, at most 12 new ids; without the start token, </s> included. No cache: see the note on deeper decoders."""
    out = []
    for s, _ in rows:
        x = torch.tensor([s])
        ids = model.generate(input_ids=x, attention_mask=torch.ones_like(x), max_new_tokens=12, do_sample=False, use_cache=False, **options)
        ids = ids[0, 1:].tolist()
        out.append(ids[:ids.index(1) + 1] if 1 in ids else ids)
    return out


def generations(folder, adapter=None, kinds=GENERATE):
    """Each kind of generation, refused if rounding could change it: the same in double and with slightly moved weights."""
    rows = random_rows(1, LENGTHS)
    exact, moved = load(folder, adapter).double(), load(folder, adapter)
    torch.manual_seed(7)
    with torch.no_grad():
        for p in moved.parameters():
            p *= 1 + 1e-5 * torch.randn_like(p)
    result = {}
    for kind in kinds:
        ids = generate(load(folder, adapter), rows, **GENERATE[kind])
        assert ids == generate(exact, rows, **GENERATE[kind]) == generate(moved, rows, **GENERATE[kind]), (folder, kind, "near a tie")
        result |= packed((f"{adapter}." if adapter else "") + kind, ids)
        print(folder.split("/")[-1], adapter or "", kind, ids)
    return result


def tidy_adapter(folder, base):
    """peft writes a model card, an absolute path and sets in no fixed order; keep what is the same everywhere."""
    if os.path.exists(f"{folder}/README.md"):
        os.remove(f"{folder}/README.md")
    with open(f"{folder}/adapter_config.json") as f:
        c = json.load(f)
    c["base_model_name_or_path"] = base
    if isinstance(c.get("target_modules"), list):
        c["target_modules"].sort()
    with open(f"{folder}/adapter_config.json", "w") as f:
        json.dump(c, f, indent=2, sort_keys=True)


def write_adapter(folder, name, config, seed):
    torch.manual_seed(seed)
    m = get_peft_model(load(folder), config)
    with torch.no_grad():
        for n, p in m.named_parameters():
            if p.requires_grad:
                p.copy_(torch.randn(p.shape) * (0.03 if "lora_B" in n else 0.3 if "lora_A" in n else 1.0))
    m.save_pretrained(f"{folder}/{name}")
    tidy_adapter(f"{folder}/{name}", os.path.basename(folder))


def adapters(config):
    linear = ["q", "k", "v", "o", "wo"] + (["wi_0", "wi_1"] if "gated" in config["feed_forward_proj"] else ["wi"])
    common = dict(task_type=TaskType.SEQ_2_SEQ_LM)
    lora = dict(lora=LoraConfig(r=4, lora_alpha=8, target_modules=["q", "v"], lora_dropout=0.0, **common))
    if config is FLAN:
        lora["lora_all"] = LoraConfig(r=3, lora_alpha=8, target_modules=linear, lora_dropout=0.0, use_rslora=True, **common)
        lora["prompt2"] = PromptTuningConfig(num_virtual_tokens=5, num_transformer_submodules=2, **common)
    return lora | dict(prompt=PromptTuningConfig(num_virtual_tokens=5, num_transformer_submodules=1, **common))


def same_in_double(folder, adapter, rows, logits, gradients):
    """Refuses a model that amplifies rounding: a test could not tell that from a mistake."""
    m = load(folder, adapter).double()
    result, exact = forward(m, rows)
    result.loss.backward()
    far = lambda a, b: ((a - b).norm() / b.norm()).item()
    wanted = adapter_gradients(m, adapter) if adapter else {f"grad.full.{n}": p.grad for n, p in m.named_parameters()}
    assert far(logits, exact) < 1e-6 and max(far(gradients[n], g) for n, g in wanted.items()) < 1e-5, (folder, adapter)


def reference(folder, config):
    rows = random_rows(1, LENGTHS)
    out = packed("source", [s for s, _ in rows]) | packed("target", [t for _, t in rows])
    model = load(folder)
    result, logits = forward(model, rows)
    result.loss.backward()
    out["logits"], out["loss"] = logits.detach(), result.loss.detach().reshape(1)
    out["encoder"] = result.encoder_last_hidden_state[batch(rows)["attention_mask"] == 1].detach()
    out["row_loss"] = torch.stack([model(**batch([r])).loss.detach() for r in rows])
    out |= {f"grad.full.{n}": p.grad for n, p in model.named_parameters()}
    same_in_double(folder, None, rows, logits, out)
    out |= curves(folder, None, rows) | generations(folder)
    for seed, (name, c) in enumerate(adapters(config).items()):
        write_adapter(folder, name, c, 100 + seed)
        model = load(folder, name)
        result, logits = forward(model, rows)
        result.loss.backward()
        out |= {f"{name}.loss": result.loss.detach().reshape(1), f"{name}.logits": logits.detach()}
        out |= adapter_gradients(model, name) | generations(folder, name, ["greedy"])
        same_in_double(folder, name, rows, logits, out)
        if name in ("lora", "prompt"):
            out |= curves(folder, name, rows)
    save_file({k: v.contiguous() for k, v in sorted(out.items())}, f"{folder}/reference.safetensors")


def long_reference(folder):
    """Past relative_attention_max_distance on both sides."""
    rows = random_rows(2, [(300, 150)])
    result, logits = forward(load(folder), rows)
    out = packed("source", [s for s, _ in rows]) | packed("target", [t for _, t in rows])
    out |= dict(logits=logits[-1:].detach().contiguous(), loss=result.loss.detach().reshape(1))
    save_file(out, f"{folder}/reference_long.safetensors")


def config_variants(out):
    """How transformers reads each spelling of the tied head: which are scaled by d_model^-0.5, and the loss that follows."""
    spellings = [("absent", {}), ("tie_false", dict(tie_word_embeddings=False)), ("tie_true", dict(tie_word_embeddings=True)),
                 ("tie_null", dict(tie_word_embeddings=None)), ("scale_true", dict(scale_decoder_outputs=True)),
                 ("scale_false", dict(scale_decoder_outputs=False)),
                 ("v5_untied", dict(tie_word_embeddings=True, scale_decoder_outputs=False)),
                 ("v5_tied", dict(tie_word_embeddings=True, scale_decoder_outputs=True)),
                 ("tie_false_scale_true", dict(tie_word_embeddings=False, scale_decoder_outputs=True)),
                 ("mt5_tie_false", dict(model_type="mt5", tie_word_embeddings=False)),
                 ("mt5_v5", dict(model_type="mt5", tie_word_embeddings=True)), ("mt5_absent", dict(model_type="mt5"))]
    rows, result, base = random_rows(1, LENGTHS), [], load(f"{out}/gated")
    for weights in ("gated", "tied"):
        for name, keys in spellings:
            config = {k: v for k, v in (FLAN if weights == "gated" else V1).items() if k not in ("tie_word_embeddings", "architectures")}
            config |= keys | dict(architectures=["MT5ForConditionalGeneration" if "mt5" in name else "T5ForConditionalGeneration"])
            folder = f"{out}/variant"
            os.makedirs(folder)
            with open(f"{folder}/config.json", "w") as f:
                json.dump(config, f)
            os.symlink(os.path.abspath(f"{out}/{weights}/model.safetensors"), f"{folder}/model.safetensors")
            model = load(folder)
            loss = forward(model, rows)[0].loss.item()
            tied = model.lm_head.weight.data_ptr() == model.shared.weight.data_ptr()
            shutil.rmtree(folder)
            result.append(dict(name=f"{weights}_{name}", weights=weights, config=config, tied=tied,
                               scaled=getattr(model.config, "scale_decoder_outputs", False), loss=loss))
            print(result[-1]["name"], "scaled" if result[-1]["scaled"] else "not scaled", "tied" if tied else "untied", loss)
    with open(f"{out}/config_variants.json", "w") as f:
        json.dump(result, f, indent=1)


def schedules(out, steps=30):
    """learning_rate / peak for optimizer step 1, 2, ... as the scheduler hands it to that step."""
    result = []
    for name in ("linear", "cosine", "constant", "constant_with_warmup", "inverse_sqrt"):
        for warmup in (0, 5):
            opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
            s = optimization.get_scheduler(name, opt, num_warmup_steps=warmup, num_training_steps=steps)
            rates = []
            for _ in range(steps):
                rates.append(s.get_last_lr()[0])
                opt.step()
                s.step()
            result.append(dict(name=name, warmup_steps=warmup, steps=steps, rates=rates))
    with open(f"{out}/schedules.json", "w") as f:
        json.dump(result, f, indent=1)


def main(out):
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    state = random_weights(FLAN, 11, tied=False)
    state["lm_head.weight"][1] *= 1.3  # so that some rows end in </s> and some do not
    write_model(f"{out}/gated", FLAN, state, torch.float32)
    state = random_weights(V1, 22, tied=True)
    state["shared.weight"][1] *= 1.6
    # Left over in T5 v1.0's files: cross-attention has no position bias, readers must pass over it.
    state["decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"] = torch.randn(32, 4)
    write_model(f"{out}/tied", V1, state, torch.float16)
    state = random_weights(DEEP, 13, tied=False)
    state["lm_head.weight"][1] *= 1.3
    for side in ("encoder", "decoder"):  # some checkpoints hold these copies of shared.weight
        state[f"{side}.embed_tokens.weight"] = state["shared.weight"]
    write_model(f"{out}/deep", DEEP, state, torch.bfloat16, shards=2)
    state = random_weights({k: v for k, v in UMT5.items() if k != "model_type"}, 19, tied=False)
    for side in ("encoder", "decoder"):  # a position bias in every block
        for i in range(2):
            state[f"{side}.block.{i}.layer.0.SelfAttention.relative_attention_bias.weight"] = torch.randn(32, FLAN["num_heads"])
    write_model(f"{out}/umt5", UMT5, state, torch.float32)
    for name, config in (("gated", FLAN), ("tied", V1), ("deep", DEEP), ("umt5", UMT5)):
        reference(f"{out}/{name}", config)
    long_reference(f"{out}/gated")
    config_variants(out)
    schedules(out)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures", "model"))

"""Write tests/fixtures/wild: folders as people have them, and what transformers and peft make of them.

    python make_wild_fixtures.py [OUT]

Made with torch 2.15.0, transformers 5.23.0, peft 0.21.2, safetensors 0.8.0. Small models of two shapes (`gated` with a head
of its own, `tied`), each with folders of other kinds; expected.json lists them:
    losses       {"model", "adapter" (or null), "loss"}: one row of `source` and `target`
    generations  {"model", "options", "tokens"}: of `source`, the start token left out
The vocabulary is single letters (tokenizer.json), so that text works too."""
import json, os, shutil, sys, warnings

import torch
from peft import AdaLoraConfig, AdaLoraModel, IA3Config, LNTuningConfig, LoraConfig, PeftModel, TrainableTokensConfig, get_peft_model
from peft.tuners.adalora.layer import SVDLinear
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSeq2SeqLM, logging

from make_fixtures import random_weights, tidy_adapter, write_model

torch.set_num_threads(1)
logging.set_verbosity_error()
logging.disable_progress_bar()
warnings.filterwarnings("ignore")
V = 40
GATED = dict(architectures=["T5ForConditionalGeneration"], model_type="t5", vocab_size=V, d_model=16, d_kv=4, num_heads=3, d_ff=20,
             num_layers=2, num_decoder_layers=2, feed_forward_proj="gated-gelu", tie_word_embeddings=False, dropout_rate=0.1,
             decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, is_encoder_decoder=True)
TIED = {**GATED, "feed_forward_proj": "relu", "tie_word_embeddings": True}
SOURCE, TARGET = [7, 12, 3, 22, 30, 5, 9, 17, 3, 4, 28, 1], [12, 5, 33, 8, 9, 1]
losses, generations = [], []


def load(out, model):
    return AutoModelForSeq2SeqLM.from_pretrained(f"{out}/{model}", dtype=torch.float32, attn_implementation="eager").eval()


def loss_of(m):
    if isinstance(getattr(m, "base_model", None), AdaLoraModel):
        m = m.get_base_model()  # AdaLoRA's own forward adds a regularizer, and fails without training
    with torch.no_grad():
        return m(input_ids=torch.tensor([SOURCE]), attention_mask=torch.ones(1, len(SOURCE), dtype=torch.long), labels=torch.tensor([TARGET])).loss.item()


def add_loss(out, model, adapter=None, resize=None):
    m = load(out, model)
    if resize:
        m.resize_token_embeddings(resize)
    if adapter:
        m = PeftModel.from_pretrained(m, f"{out}/{model}-{adapter}").eval()
    losses.append(dict(model=model, adapter=adapter and f"{model}-{adapter}", loss=loss_of(m)))
    print(losses[-1])


def letters(folder, more=""):
    """A tokenizer.json of pad, </s>, unk, the space and single letters."""
    vocab = [["<pad>", 0], ["</s>", 0], ["<unk>", 0], ["\u2581", -2]] + [[c, -3] for c in "abcdefghijklmnopqrstuvwxyz.,:#?!1234" + more]
    special = [dict(id=i, content=vocab[i][0], single_word=False, lstrip=False, rstrip=False, normalized=False, special=True) for i in range(3)]
    meta = dict(type="Metaspace", replacement="\u2581", prepend_scheme="always", split=True)
    json.dump(dict(version="1.0", truncation=None, padding=None, added_tokens=special, normalizer=None,
                   pre_tokenizer=dict(type="Sequence", pretokenizers=[dict(type="WhitespaceSplit"), meta]), post_processor=None, decoder=meta,
                   model=dict(type="Unigram", unk_id=2, vocab=vocab, byte_fallback=False)), open(f"{folder}/tokenizer.json", "w"))
    json.dump(dict(extra_ids=0), open(f"{folder}/tokenizer_config.json", "w"))


def write_base(out, name, config, seed, tied):
    state = random_weights({k: v for k, v in config.items() if k != "model_type"}, seed, tied)
    if config["model_type"] == "umt5":
        torch.manual_seed(seed)
        for side in ("encoder", "decoder"):
            for i in range(config["num_layers"]):
                state[f"{side}.block.{i}.layer.0.SelfAttention.relative_attention_bias.weight"] = torch.randn(32, config["num_heads"])
    write_model(f"{out}/{name}", config, state, torch.float32)
    letters(f"{out}/{name}")
    return state


def variant(out, name, config, state):
    """The weights of a base under another config.json."""
    write_model(f"{out}/{name}", config, state, torch.float32)
    add_loss(out, name)


def fill(m, seed):
    """Numbers that matter in whatever an adapter trains."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for n, p in m.named_parameters():
            if p.requires_grad:
                noise = torch.randn(p.shape)
                if "lora_" in n and "magnitude" not in n:
                    p.copy_(noise * 0.4)
                else:
                    p.copy_(p * (1 + 0.3 * noise) + 0.1 * torch.randn(p.shape))


def write(out, model, name, config, seed, save_embeddings="auto"):
    m = get_peft_model(load(out, model), config)
    fill(m, seed)
    m.save_pretrained(f"{out}/{model}-{name}", save_embedding_layers=save_embeddings)
    tidy_adapter(f"{out}/{model}-{name}", model)
    add_loss(out, model, name)


def lora(targets=("q", "v"), **more):
    return LoraConfig(**{**dict(r=2, lora_alpha=6, target_modules=list(targets) if not isinstance(targets, str) else targets,
                                lora_dropout=0.0, task_type="SEQ_2_SEQ_LM"), **more})


def adapters(out, model, gated):
    wi = ["wi_0", "wi_1"] if gated else ["wi"]
    every = ["q", "k", "v", "o", "wo"] + wi
    seq = dict(task_type="SEQ_2_SEQ_LM")
    q = "encoder.block.0.layer.0.SelfAttention.q"
    configs = dict(
        plain=lora(), bias=lora(bias="lora_only"), patterns=lora(alpha_pattern={q: 20, "decoder.*v": 3}, rank_pattern={q: 3, "EncDecAttention.q": 1}),
        rslora=lora(use_rslora=True, alpha_pattern={q: 20}), fan=lora(fan_in_fan_out=True), gaussian=lora(init_lora_weights="gaussian"),
        head=lora(["q", "lm_head"]), bias_lora=lora(["q", "relative_attention_bias"]), shared=lora(["q", "shared"]),
        embed_tokens=lora(["q", "embed_tokens"]), dora=lora(use_dora=True), dora_all=lora(every, use_dora=True, use_rslora=True),
        dora_bias=lora(["relative_attention_bias"], use_dora=True), dora_embed=lora(["embed_tokens"], use_dora=True),
        save_head=lora(modules_to_save=["lm_head"]), save_norm=lora(modules_to_save=["layer_norm"]), save_bias=lora(modules_to_save=["relative_attention_bias"]),
        save_shared=lora(modules_to_save=["shared"]), save_embed=lora(modules_to_save=["embed_tokens"]), save_wo=lora(modules_to_save=["wo"]),
        tokens=lora(trainable_token_indices=[5, 6]), tokens_dict=lora(trainable_token_indices={"shared": [4, 9]}),
        tokens_head=lora(trainable_token_indices={"lm_head": [4, 9]}), tokens_embed=lora(trainable_token_indices={"embed_tokens": [4, 9]}),
        pissa=lora(init_lora_weights="pissa"), pissa_all=lora(every, init_lora_weights="pissa", use_rslora=True, r=3),
        olora=lora(init_lora_weights="olora"), olora_all=lora(every, init_lora_weights="olora", r=3), alora=lora(alora_invocation_tokens=[4]),
        ia3=IA3Config(target_modules=["k", "v", "wo"], feedforward_modules=["wo"], **seq),
        adalora=AdaLoraConfig(init_r=3, target_r=2, lora_alpha=7, target_modules=["q", "v"], total_step=10, **seq),
        only_tokens=TrainableTokensConfig(token_indices=[5, 12], target_modules=["shared"], **seq),
        norms=LNTuningConfig(target_modules=["layer_norm", "final_layer_norm"], **seq))
    for seed, (name, config) in enumerate(configs.items()):
        try:
            write(out, model, name, config, 100 + seed)
        except Exception as e:
            print(model, name, "NOT POSSIBLE:", repr(e)[:150])
            shutil.rmtree(f"{out}/{model}-{name}", ignore_errors=True)


def pruned_adalora(out, model):
    """As AdaLoRA ends: some of the ranks are gone, and rank_pattern says which."""
    m = get_peft_model(load(out, model), AdaLoraConfig(init_r=3, target_r=2, lora_alpha=7, target_modules=["q", "v"], total_step=10, task_type="SEQ_2_SEQ_LM"))
    fill(m, 77)
    layers = [n.replace("base_model.model.", "", 1) for n, x in m.named_modules() if isinstance(x, SVDLinear)]
    m.peft_config["default"].rank_pattern = {f"{n}.lora_E.default": [True, False, i % 2 == 0] for i, n in enumerate(layers)}
    m.save_pretrained(f"{out}/{model}-adalora_pruned")
    tidy_adapter(f"{out}/{model}-adalora_pruned", model)
    add_loss(out, model, "adalora_pruned")


def resized(out, model):
    """More tokens than the base has; all embeddings are stored, and the tokenizer that knows them."""
    m = load(out, model)
    torch.manual_seed(5)
    m.resize_token_embeddings(V + 3)
    m = get_peft_model(m, lora())
    fill(m, 55)
    with torch.no_grad():
        m.base_model.model.shared.weight += 0.1 * torch.randn(V + 3, 16)
    m.save_pretrained(f"{out}/{model}-resized", save_embedding_layers=True)
    tidy_adapter(f"{out}/{model}-resized", model)
    letters(f"{out}/{model}-resized", "%()")
    add_loss(out, model, "resized", V + 3)


def generate(out, model, **options):
    m = load(out, model)
    x = torch.tensor([SOURCE])
    ids = m.generate(input_ids=x, attention_mask=torch.ones_like(x), max_new_tokens=10, do_sample=False, **options)[0, 1:].tolist()
    generations.append(dict(model=model, options=options, tokens=ids))
    print(generations[-1])


def rules(out, state):
    """What generation_config.json and config.json say of single tokens."""
    plain = load(out, "gated").generate(torch.tensor([SOURCE]), max_new_tokens=10, do_sample=False)[0, 1:].tolist()
    print("plain", plain)
    first, second, third = plain[0], plain[1], plain[2]
    folders = dict(
        rules_eos=(dict(eos_token_id=[1, third]), None), rules_none=({}, dict(decoder_start_token_id=0, pad_token_id=0)),
        rules_start=({}, dict(decoder_start_token_id=7, eos_token_id=1, pad_token_id=0)),
        rules_bos=({}, dict(bos_token_id=5, eos_token_id=[1, 2, 3], pad_token_id=0)),
        rules_forced=({}, dict(decoder_start_token_id=0, eos_token_id=[1, 8], pad_token_id=0, forced_bos_token_id=11, forced_eos_token_id=[8, 13])),
        rules_suppress=({}, dict(decoder_start_token_id=0, eos_token_id=1, pad_token_id=0, suppress_tokens=[second, 20], begin_suppress_tokens=[first, 21])),
        rules_both=({}, dict(decoder_start_token_id=0, eos_token_id=1, pad_token_id=0, forced_bos_token_id=14, begin_suppress_tokens=[second, 3])),
        rules_config=(dict(forced_eos_token_id=1, suppress_tokens=[first]), None))
    for name, (config, generation) in folders.items():
        write_model(f"{out}/{name}", {**GATED, **config}, state, torch.float32)
        if generation is not None:
            json.dump(generation, open(f"{out}/{name}/generation_config.json", "w"))
        for options in ({}, dict(num_beams=3), dict(num_beams=3, length_penalty=2.0, min_new_tokens=4)):
            generate(out, name, **options)


def main(out):
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    state = write_base(out, "gated", GATED, 31, False)
    write_base(out, "tied", TIED, 32, True)
    umt5 = {**GATED, "model_type": "umt5", "architectures": ["UMT5ForConditionalGeneration"]}
    write_base(out, "umt5", umt5, 33, False)
    for name in ("gated", "tied", "umt5"):
        add_loss(out, name)
    generate(out, "umt5")
    generate(out, "umt5", num_beams=3)
    renamed = {dict(d_model="hidden_size", num_heads="num_attention_heads", num_layers="num_hidden_layers", d_kv="head_dim").get(k, k): v for k, v in GATED.items()}
    variant(out, "aliases", renamed, state)
    variant(out, "act_gelu", {**GATED, "dense_act_fn": "gelu", "is_gated_act": True}, state)
    variant(out, "act_relu", {**GATED, "dense_act_fn": "relu"}, state)
    variant(out, "distance_17", {**GATED, "relative_attention_max_distance": 17}, state)
    variant(out, "eos_list", {**GATED, "eos_token_id": [1, 9]}, state)
    adapters(out, "gated", True)
    adapters(out, "tied", False)
    for name in ("gated", "tied"):
        pruned_adalora(out, name)
        resized(out, name)
    rules(out, state)
    json.dump(dict(source=SOURCE, target=TARGET, losses=losses, generations=generations), open(f"{out}/expected.json", "w"), indent=1)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures", "wild"))

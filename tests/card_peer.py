"""What tests/card.sh measures, by torch, transformers and peft on the same card, one JSON line a case. `cpu small` tries it without one."""
import json
import sys
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import T5Config, T5ForConditionalGeneration

device = sys.argv[1] if len(sys.argv) > 1 else "cuda"
small = "small" in sys.argv
SOURCE, TARGET, NEW = 221, 35, 64
SHAPE = dict(d_model=64, d_kv=16, d_ff=96, num_layers=2, num_heads=4) if small else \
    dict(d_model=768, d_kv=64, d_ff=2048, num_layers=12, num_heads=12)
wait = torch.cuda.synchronize if device == "cuda" else lambda: None


def model(dtype):
    torch.manual_seed(0)
    config = T5Config(vocab_size=32128, feed_forward_proj="gated-gelu", tie_word_embeddings=False, decoder_start_token_id=0, **SHAPE)
    return T5ForConditionalGeneration(config).to(device=device, dtype=dtype)


def ids(rows, n):
    return torch.randint(2, 32000, (rows, n), device=device)


def shortest(call, seconds):
    """The shortest of three or more calls, the first of which warms up."""
    call()
    best, began, calls = float("inf"), time.time(), 0
    while calls < 2 or time.time() - began < seconds:
        start = time.time()
        call()
        wait()
        best, calls = min(best, time.time() - start), calls + 1
    return best


def say(**what):
    print(json.dumps({k: round(v, 3) if isinstance(v, float) else v for k, v in what.items()}), flush=True)


def train(name, dtype, batch, tf32=False):
    torch.backends.cuda.matmul.allow_tf32 = tf32
    m = get_peft_model(model(dtype), LoraConfig(r=32, lora_alpha=32, target_modules=["q", "v"], lora_dropout=0.05, task_type="SEQ_2_SEQ_LM"))
    trained = [w for w in m.parameters() if w.requires_grad]
    for w in trained:
        w.data = w.data.float()
    optimizer = torch.optim.AdamW(trained, lr=0.0)
    x, y = ids(batch, SOURCE), ids(batch, TARGET)
    m.train()

    def step():
        with torch.autocast(device, dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
            loss = m(input_ids=x, labels=y).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    say(peer=f"train {name}", batch=batch, examples_per_second=batch / shortest(step, 3))


def generate(name, dtype, rows):
    m = model(dtype).eval()
    x = ids(rows, SOURCE)
    took = []
    for n in (1, NEW):
        with torch.inference_mode():
            took.append(shortest(lambda: m.generate(x, max_new_tokens=n, min_new_tokens=n, do_sample=False, num_beams=1), 2))
    say(peer=f"generate {name}", rows=rows, tokens_per_second=rows * (NEW - 1) / max(took[1] - took[0], 1e-6))


for batch in (8, 32):
    train("bf16", torch.bfloat16, batch)
    train("f32", torch.float32, batch)
train("tf32", torch.float32, 32, True)
for rows in (1, 16, 128):
    generate("bf16", torch.bfloat16, rows)
generate("f32", torch.float32, 1)

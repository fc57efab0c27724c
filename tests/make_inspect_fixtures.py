# Makes fixtures/inspect with numpy: what a soft prompt, LoRA adapters (those of fixtures/wild) and a model whose every weight was
# moved hold, by dense singular value decompositions in double: python tests/make_inspect_fixtures.py (numpy 2)
import json, os, struct
import numpy as np

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures")
out = os.path.join(here, "inspect")


def load(folder, stem):
    with open(os.path.join(folder, stem + ".safetensors"), "rb") as f:
        raw = f.read()
    n = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + n])
    header.pop("__metadata__", None)
    return {name: np.frombuffer(raw[8 + n + v["data_offsets"][0]:8 + n + v["data_offsets"][1]], np.float32).reshape(v["shape"])
            for name, v in header.items()}


def save(folder, stem, tensors):
    os.makedirs(folder, exist_ok=True)
    header, at, data = {}, 0, b""
    for name in sorted(tensors):
        part = tensors[name].astype(np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensors[name].shape), "data_offsets": [at, at + len(part)]}
        at, data = at + len(part), data + part
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(folder, stem + ".safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def measures(W, D, known):
    W, D = W.astype(np.float64), D.astype(np.float64)
    U, s, V = np.linalg.svd(D, full_matrices=False)
    s = s[:min(len(s), known)]
    p = s[s > 0] / s.sum()
    first = min(known, 16)
    Uw, sw, _ = np.linalg.svd(W, full_matrices=False)
    after = np.linalg.svd(W + D, full_matrices=False)[0][:, :10]
    half = min(min(first, len(sw)), len(sw) // 2)
    squares = np.linalg.norm(D) ** 2
    return {"norm": np.linalg.norm(D), "weight_norm": np.linalg.norm(W), "stable_rank": squares / s[0] ** 2,
            "effective_rank": np.exp(-(p * np.log(p)).sum()), "k90": int(np.searchsorted(np.cumsum(s ** 2), .9 * (s ** 2).sum()) + 1),
            "amplification": np.linalg.norm(D) / np.linalg.norm(U[:, :first].T @ W @ V[:first].T),
            "intruders": int((np.abs(Uw.T @ after).max(axis=0) < .5).sum()),
            "top": np.linalg.norm(Uw[:, :half].T @ D) ** 2 / squares, "bottom": np.linalg.norm(Uw[:, len(sw) - half:].T @ D) ** 2 / squares,
            "singular_values": list(s)}


def lora(adapter):
    folder = os.path.join(here, "wild", adapter)
    with open(os.path.join(folder, "adapter_config.json")) as f:
        config = json.load(f)
    A = load(folder, "adapter_model")
    changes = {}
    for name in A:
        if not name.endswith("lora_A.weight"):
            continue
        module = name[len("base_model.model."):-len(".lora_A.weight")]
        a, b = A[name].astype(np.float64), A[name.replace("lora_A", "lora_B")].astype(np.float64)
        r = a.shape[0]
        alpha = next((v for k, v in config["alpha_pattern"].items() if module.endswith(k)), config["lora_alpha"])
        scale = alpha / (np.sqrt(r) if config["use_rslora"] else r)
        changes[module] = (scale * b @ a, r)
    return changes


def main():
    rng = np.random.default_rng(4)
    base = load(os.path.join(here, "wild", "gated"), "model")
    expected = {"adapters": [], "similarity": []}
    for adapter in ("gated-plain", "gated-rslora", "gated-gaussian"):
        expected["adapters"].append({"adapter": adapter, "modules": {
            m: measures(base[m + ".weight"], d, r) for m, (d, r) in lora(adapter).items()}})
    x, y = lora("gated-plain"), lora("gated-gaussian")
    for m in x:
        if m not in y:
            continue
        (d, r), (e, q) = x[m], y[m]
        U, V = np.linalg.svd(d)[0], np.linalg.svd(e)[0]
        phi = [[np.linalg.norm(U[:, :i + 1].T @ V[:, :j + 1]) ** 2 / min(i + 1, j + 1) for j in range(min(q, 8))] for i in range(min(r, 8))]
        expected["similarity"].append({"name": m, "cosine": (d * e).sum() / np.linalg.norm(d) / np.linalg.norm(e), "phi": phi})
    moved = {n: (w + rng.normal(0, .02, w.shape)).astype(np.float32) for n, w in base.items()}
    save(os.path.join(out, "full"), "model", moved)
    expected["full"] = {n[:-7]: measures(w, moved[n].astype(np.float64) - w, 99) for n, w in base.items()
                        if w.ndim == 2 and "bias" not in n and n != "shared.weight"}
    E = base["shared.weight"].astype(np.float64)
    rows = np.concatenate([E[[3, 9]] * 2 + rng.normal(0, .1, (2, E.shape[1])), rng.normal(0, 3, (5, E.shape[1]))]).astype(np.float32)
    save(os.path.join(out, "prompt"), "adapter_model", {"prompt_embeddings": rows})
    with open(os.path.join(out, "prompt", "adapter_config.json"), "w") as f:
        json.dump({"peft_type": "PROMPT_TUNING", "num_virtual_tokens": len(rows), "num_transformer_submodules": 1, "token_dim": E.shape[1],
                   "task_type": "SEQ_2_SEQ_LM"}, f)
    P = rows.astype(np.float64)
    cosines = P @ E.T / np.linalg.norm(P, axis=1)[:, None] / np.linalg.norm(E, axis=1)[None]
    order = np.argsort(-cosines, axis=1)[:, :5]
    both = np.concatenate([P, E])
    expected["prompt"] = {"embedding_norm": np.linalg.norm(E, axis=1).mean(), "rows": [
        {"norm": np.linalg.norm(P[r]), "ids": [int(i) for i in order[r]], "cosines": list(cosines[r][order[r]])} for r in range(len(P))]}
    with open(os.path.join(out, "expected.json"), "w") as f:
        json.dump(expected, f, indent=0)
        f.write("\n")


main()

// Writes the untrained demo model: make_model DIR, where DIR/spiece.model is already. Random weights as T5 starts from them.

#define T5PEFT_NO_MAIN
#include "../t5peft.c"

enum { D = 128, K = 32, H = 4, F = 384, LAYERS = 3, BUCKETS = 32, MAX_DISTANCE = 128 };

static void add(Arena *a, Tensors *out, const char *name, int64_t rows, int64_t columns, double deviation) {
    int64_t n = rows * (columns ? columns : 1);
    float *x = arena_get(a, (size_t)n, sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = columns ? (float)(deviation * random_normal(random_key(1, out->n, 0), (uint64_t)i)) : 1;
    tensors_add(a, out, (Tensor){.name = name, .dtype = F32, .rank = columns ? 2 : 1, .shape = {rows, columns}, .count = n, .data = x});
}

static void add_attention(Arena *a, Tensors *out, const char *layer, const char *kind) {
    static const char *const names[] = {"q", "k", "v"};
    for (int i = 0; i < 3; i++) add(a, out, arena_print(a, "%s%s.%s.weight", layer, kind, names[i]), H * K, D, i ? pow(D, -0.5) : pow(D * K, -0.5));
    add(a, out, arena_print(a, "%s%s.o.weight", layer, kind), D, H * K, pow(H * K, -0.5));
    add(a, out, arena_print(a, "%slayer_norm.weight", layer), D, 0, 0);
}

static void add_stack(Arena *a, Tensors *out, const char *side, bool decoder) {
    for (int i = 0; i < LAYERS; i++) {
        const char *block = arena_print(a, "%s.block.%d.layer.", side, i), *ff = arena_print(a, "%s%d.", block, decoder ? 2 : 1);
        add_attention(a, out, arena_print(a, "%s0.", block), "SelfAttention");
        if (decoder) add_attention(a, out, arena_print(a, "%s1.", block), "EncDecAttention");
        add(a, out, arena_print(a, "%sDenseReluDense.wi_0.weight", ff), F, D, pow(D, -0.5));
        add(a, out, arena_print(a, "%sDenseReluDense.wi_1.weight", ff), F, D, pow(D, -0.5));
        add(a, out, arena_print(a, "%sDenseReluDense.wo.weight", ff), D, F, pow(F, -0.5));
        add(a, out, arena_print(a, "%slayer_norm.weight", ff), D, 0, 0);
    }
    add(a, out, arena_print(a, "%s.block.0.layer.0.SelfAttention.relative_attention_bias.weight", side), BUCKETS, H, pow(D, -0.5));
    add(a, out, arena_print(a, "%s.final_layer_norm.weight", side), D, 0, 0);
}

static void make(void *arg) {
    Arena *a = ((void **)arg)[0];
    const char *folder = ((void **)arg)[1];
    int V = tokenizer_open(a, folder)->size;
    Tensors out = {.path = folder};
    add(a, &out, "shared.weight", V, D, 1);
    add(a, &out, "lm_head.weight", V, D, pow(D, -0.5));
    add_stack(a, &out, "encoder", false);
    add_stack(a, &out, "decoder", true);
    tensors_sort(a, &out);
    tensors_save(a, path_join(a, folder, "model.safetensors"), out.items, out.n, NULL);
    Text t = {.arena = a};
    text_print(&t, "{\n  \"architectures\": [\"T5ForConditionalGeneration\"],\n  \"model_type\": \"t5\",\n  \"is_encoder_decoder\": true,\n"
                   "  \"vocab_size\": %d,\n  \"d_model\": %d,\n  \"d_kv\": %d,\n  \"d_ff\": %d,\n  \"num_heads\": %d,\n  \"num_layers\": %d,\n  \"num_decoder_layers\": %d,\n"
                   "  \"relative_attention_num_buckets\": %d,\n  \"relative_attention_max_distance\": %d,\n  \"feed_forward_proj\": \"gated-gelu\",\n"
                   "  \"tie_word_embeddings\": false,\n  \"scale_decoder_outputs\": false,\n  \"dropout_rate\": 0.1,\n  \"layer_norm_epsilon\": 1e-06,\n"
                   "  \"pad_token_id\": 0,\n  \"eos_token_id\": 1,\n  \"decoder_start_token_id\": 0,\n  \"n_positions\": 512\n}\n",
               V, D, K, F, H, LAYERS, LAYERS, BUCKETS, MAX_DISTANCE);
    file_write(a, path_join(a, folder, "config.json"), t.data, t.n);
}

int main(int argc, char **argv) {
    Trap trap = {.text = "make_model DIR is wanted"};
    Arena arena = {.trap = &trap};
    void *arg[] = {&arena, argc == 2 ? argv[1] : NULL};
    bool done = argc == 2 && attempt(&arena, make, arg);
    if (!done) fprintf(stderr, "make_model: %s\n", trap.text);
    arena_free(&arena);
    return !done;
}

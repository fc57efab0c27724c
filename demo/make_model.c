// Writes the untrained demo model: make_model DIR, where DIR/spiece.model is already.
//
// Random weights as T5 starts from them, but for a few that start where training would have to bring them first. A nano model
// has to copy names and times from a dialogue. In T5 that takes two steps, for cross-attention knows no positions: a head of
// the encoder writes beside each token the token before it (relative_attention_bias makes it look one place back), and a head
// of the decoder looks for the place whose "token before" is the token just written, and reads what stands there (Olsson et
// al. 2022 call the two an induction head). From random weights neither is any use without the other, and thousands of steps
// go by before they meet by chance. So here
//   - the heads start with different habits: one looks at the place before, one at the place behind, one prefers what is
//     near, one has no preference;
//   - one head of the encoder and two heads in two layers of the decoder start as such a pair, in random directions;
//   - lm_head starts as the embeddings, so that what was read can be written;
//   - what layers add to the residual stream starts smaller.
// Nothing of it holds a word of any dialogue, all of it is trained afterwards like the rest.

#define T5PEFT_NO_MAIN
#include "../t5peft.c"

enum { D = 192, K = 32, H = 6, F = 512, LAYERS = 3, BUCKETS = 32, MAX_DISTANCE = 128 };

static const float PREFERRED = 7;      // the bias of the place a head looks at: e^7 against 1 for every other one
static const double SMALLER = 0.4;     // what layers write starts as this share of T5's
static float frame[2][D][D];           // two random orthonormal bases: rows 0..K-1 of the first say what is sought, ...

static float *add(Arena *a, Tensors *out, const char *name, int64_t rows, int64_t columns, double deviation) {
    int64_t n = rows * (columns ? columns : 1);
    float *x = arena_get(a, (size_t)n, sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = columns ? (float)(deviation * random_normal(random_key(1, out->n, 0), (uint64_t)i)) : 1;
    tensors_add(a, out, (Tensor){.name = name, .dtype = F32, .rank = columns ? 2 : 1, .shape = {rows, columns}, .count = n, .data = x});
    return x;
}

// Random directions, made orthonormal row by row (Gram-Schmidt).
static void frame_make(float f[D][D], uint64_t seed) {
    for (int i = 0; i < D; i++) {
        for (int k = 0; k < D; k++) f[i][k] = (float)random_normal(random_key(seed, 0, 0), (uint64_t)(i * D + k));
        for (int j = 0; j <= i; j++) {
            double dot = 0;
            for (int k = 0; k < D; k++) dot += (double)f[i][k] * f[j][k];
            for (int k = 0; k < D; k++) f[i][k] = (float)(j < i ? f[i][k] - dot * f[j][k] : f[i][k] / sqrt(dot));
        }
    }
}

// The rows of head h of w (H * K, D) become `scale` times K rows of a frame.
static void head_reads(float *w, int h, float (*rows)[D], double scale) {
    for (int i = 0; i < K; i++)
        for (int k = 0; k < D; k++) w[(h * K + i) * D + k] = (float)scale * rows[i][k];
}

// The columns of head h of o (D, H * K) become `scale` times K rows of a frame.
static void head_writes(float *o, int h, float (*rows)[D], double scale) {
    for (int i = 0; i < K; i++)
        for (int k = 0; k < D; k++) o[k * H * K + h * K + i] = (float)scale * rows[i][k];
}

// w (BUCKETS, H). Bucket n is n places back; in the encoder the second half of the buckets is for what comes behind.
static void bias_start(float *w, bool decoder) {
    int half = decoder ? BUCKETS : BUCKETS / 2;
    w[1 * H + 0] += PREFERRED;
    w[(decoder ? 0 : half + 1) * H + 1] += PREFERRED;
    for (int b = 0; b < BUCKETS; b++) w[b * H + 2] -= 0.4f * (float)(b % half);
}

// `layer` counts the layers of a stack; see the top of the file for what starts in which head.
static void add_attention(Arena *a, Tensors *out, const char *prefix, const char *kind, int layer, bool decoder) {
    bool cross = !strcmp(kind, "EncDecAttention");
    static const char *const names[] = {"q", "k", "v"};
    float *w[3];
    for (int i = 0; i < 3; i++) w[i] = add(a, out, arena_print(a, "%s%s.%s.weight", prefix, kind, names[i]), H * K, D, i ? pow(D, -0.5) : pow(D * K, -0.5));
    float *o = add(a, out, arena_print(a, "%s%s.o.weight", prefix, kind), D, H * K, SMALLER * pow(H * K, -0.5));
    if (!decoder && layer == 0) head_reads(w[2], 0, frame[0], 1), head_writes(o, 0, frame[0] + K, 2);
    if (cross && layer >= LAYERS - 2)
        for (int h = 0; h < 2; h++) {
            float (*part)[D] = frame[1] + (2 * (layer - LAYERS + 2) + h) * K;
            head_reads(w[0], h, frame[0], 0.5), head_reads(w[1], h, frame[0] + K, 0.5);
            head_reads(w[2], h, part, 1), head_writes(o, h, part, 2);
        }
    add(a, out, arena_print(a, "%slayer_norm.weight", prefix), D, 0, 0);
}

static void add_stack(Arena *a, Tensors *out, const char *side, bool decoder) {
    for (int i = 0; i < LAYERS; i++) {
        const char *block = arena_print(a, "%s.block.%d.layer.", side, i), *ff = arena_print(a, "%s%d.", block, decoder ? 2 : 1);
        add_attention(a, out, arena_print(a, "%s0.", block), "SelfAttention", i, decoder);
        if (decoder) add_attention(a, out, arena_print(a, "%s1.", block), "EncDecAttention", i, decoder);
        add(a, out, arena_print(a, "%sDenseReluDense.wi_0.weight", ff), F, D, pow(D, -0.5));
        add(a, out, arena_print(a, "%sDenseReluDense.wi_1.weight", ff), F, D, pow(D, -0.5));
        add(a, out, arena_print(a, "%sDenseReluDense.wo.weight", ff), D, F, SMALLER * pow(F, -0.5));
        add(a, out, arena_print(a, "%slayer_norm.weight", ff), D, 0, 0);
    }
    bias_start(add(a, out, arena_print(a, "%s.block.0.layer.0.SelfAttention.relative_attention_bias.weight", side), BUCKETS, H, pow(D, -0.5)), decoder);
    add(a, out, arena_print(a, "%s.final_layer_norm.weight", side), D, 0, 0);
}

static void make(void *arg) {
    Arena *a = ((void **)arg)[0];
    const char *folder = ((void **)arg)[1];
    int V = tokenizer_open(a, folder)->size;
    Tensors out = {.path = folder};
    frame_make(frame[0], 2), frame_make(frame[1], 3);
    float *shared = add(a, &out, "shared.weight", V, D, 1), *head = add(a, &out, "lm_head.weight", V, D, 0);
    for (int64_t i = 0; i < (int64_t)V * D; i++) head[i] = shared[i] * (float)pow(D, -0.5);
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

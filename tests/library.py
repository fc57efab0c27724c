# The shared library from another language: tunes LoRA on the demo for ten steps with a callback, then generates. Run from the
# project's root after `make lib`: python3 tests/library.py. The struct is read off t5peft.h, so that it need not be kept twice.
import ctypes as c, os, re, sys, tempfile

header = re.sub(r"/\*.*?\*/", "", open("t5peft.h").read(), flags=re.S)
types = {"const char *": c.c_char_p, "bool ": c.c_bool, "int64_t ": c.c_int64, "double ": c.c_double}
LIST = int(re.search(r"T5PEFT_LIST = (\d+)", header).group(1))


def struct(name):
    fields = []
    for line in re.search(r"struct %s \{(.*?)\}" % name, header, re.S).group(1).split(";"):
        kind = next((k for k in types if line.strip().startswith(k)), None)
        for field in line.strip()[len(kind):].split(",") if kind else []:
            field = field.strip(" *")
            array = field.endswith("]")
            fields.append((field.split("[")[0], types[kind] * LIST if array else types[kind]))
    return type(name, (c.Structure,), {"_fields_": fields})


Options, Progress = struct("t5peft_options"), struct("t5peft_progress")
Callback = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.POINTER(Progress))
lib = c.CDLL(os.path.abspath("libt5peft.dylib" if sys.platform == "darwin" else "libt5peft.so"))
lib.t5peft_defaults.restype = Options
lib.t5peft_open.restype = c.c_void_p
lib.t5peft_open.argtypes = [c.POINTER(Options), c.c_char_p]
lib.t5peft_train.argtypes = [c.c_void_p, c.POINTER(Options), Callback, c.c_void_p]
lib.t5peft_generate.argtypes = [c.c_void_p, c.c_char_p]
lib.t5peft_error.argtypes = lib.t5peft_close.argtypes = [c.c_void_p]
lib.t5peft_generate.restype = lib.t5peft_error.restype = c.c_char_p

o = lib.t5peft_defaults()
out = tempfile.mkdtemp()
o.model, o.data, o.out, o.max_steps, o.lora_r, o.learning_rate = b"demo/model", b"demo/dialogues/train.csv", out.encode(), 10, 4, 1e-2
error = c.create_string_buffer(1024)
t = lib.t5peft_open(o, error) or sys.exit(error.value.decode())
losses = []
if lib.t5peft_train(t, o, Callback(lambda user, p: losses.append(p.contents.loss)), None): sys.exit(lib.t5peft_error(t).decode())
text = lib.t5peft_generate(t, b"What is lost?\n\n#Person1#: I can't find my bag.\n\nAnswer: ").decode()
print("losses %s; %r; %s" % (" ".join("%.3f" % x for x in losses), text, ", ".join(sorted(os.listdir(out)))))
lib.t5peft_close(t)
sys.exit(not (len(losses) == 10 and losses[9] < losses[0] and text and os.path.exists(out + "/adapter_model.safetensors")))

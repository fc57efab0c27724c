"""Makes the table of characters in section 5 of t5peft.c (UNICODE): python tests/make_unicode.py t5peft.c

What a character is, is asked of the tokenizers library itself, one character at a time, so the table agrees with the versions
of Unicode that its parts have (normalization is older than the rest). Only one-level decompositions and combining classes come from
Python's unicodedata, without those that the library does not know; the whole is then compared with the library again.
Made with tokenizers 0.23.3, sentencepiece 0.2.3, Python 3.11.

The table is numbers, coded with an adaptive binary arithmetic coder (32 bits, a probability for each bit of a number in its
context; see coder_number) and written in 85 characters, five for four bytes."""
import re, sys, tempfile, unicodedata

import sentencepiece as spm
from sentencepiece import sentencepiece_model_pb2 as pb
from tokenizers import AddedToken, Tokenizer, models
from tokenizers import normalizers as N
from tokenizers import pre_tokenizers as P

CHARACTERS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)


def changed(normalizer):
    return {c: s for c in CHARACTERS if (s := normalizer.normalize_str(chr(c))) != chr(c)}


def charsmap(characters):
    """A table that makes each of the characters a "b"."""
    folder = tempfile.mkdtemp()
    with open(f"{folder}/rules.tsv", "w") as f:
        f.writelines(f"{c:X}\t62\n" for c in characters)
    spm.SentencePieceTrainer.train(sentence_iterator=iter(["c d e f"] * 9), model_prefix=f"{folder}/m", vocab_size=12, minloglevel=2,
                                   hard_vocab_limit=False, normalization_rule_tsv=f"{folder}/rules.tsv")
    model = pb.ModelProto()
    model.ParseFromString(open(f"{folder}/m.model", "rb").read())
    return N.Precompiled(model.normalizer_spec.precompiled_charsmap)


def cut_out(pre_tokenizer):
    return {c for c in CHARACTERS if len(pre_tokenizer.pre_tokenize_str(f"c{chr(c)}c")) > 1}


tokenizer = Tokenizer(models.Unigram([("<unk>", 0.0)], unk_id=0))
tokenizer.add_tokens([AddedToken("<x>", single_word=True, normalized=False)])
controls = [c for c in CHARACTERS if 0 < c < 0x10000 and unicodedata.category(chr(c)) in ("Cc", "Cf", "Zl", "Zp", "Cn") and c != 10]
a_to_b, control_to_b = charsmap([ord("a")]), charsmap(controls)
SETS = [  # in the order of the enum in t5peft.c
    cut_out(P.Digits(True)),
    cut_out(P.Punctuation()),
    {c for c in CHARACTERS if tokenizer.encode("<x>" + chr(c)).ids[:1] != [1]},
    {c for c in CHARACTERS if a_to_b.normalize_str("a" + chr(c)) == "b"},
    {c for c in controls if control_to_b.normalize_str(chr(c) + "\u0301") != "b"} | {10},
]
NFD, NFKD, NFC, LOWER = changed(N.NFD()), changed(N.NFKD()), changed(N.NFC()), changed(N.Lowercase())


def decompositions():
    """{character: (kind, its one-level decomposition)}; kind 0 canonical, 1 compatible, 2 canonical and never composed."""
    out = {}
    for c in NFKD:
        parts = unicodedata.decomposition(chr(c)).split()
        if c in HANGUL or not parts:
            continue
        to = [int(x, 16) for x in parts if x[0] != "<"]
        kind = 1 if parts[0][0] == "<" else 0 if len(to) == 2 and chr(c) == NFC.get(c, chr(c)) else 2
        out[c] = kind, to
    return out


DECOMPOSITIONS = decompositions()
# A mark whose class is above 0 goes before the one mark of class 240.
CLASSES = {c: k for c in CHARACTERS if (k := unicodedata.combining(chr(c)))
           and (c == 0x345 or N.NFD().normalize_str("c\u0345" + chr(c)) != "c\u0345" + chr(c) or c in NFD)}


def ranges(characters, value=lambda c: 0):
    out = []
    for c in sorted(characters):
        if out and out[-1][1] == c - 1 and out[-1][2] == value(c):
            out[-1][1] = c
        else:
            out.append([c, c, value(c)])
    return out


def runs(mapping):
    """(first, kind, what it becomes, how many, step from one to the next, by which the first of what they become grows)"""
    items, out, i = sorted(mapping.items()), [], 0
    while i < len(items):
        c, (kind, to) = items[i]
        n, step, grow = 1, 1, 0
        if i + 1 < len(items):
            next_c, (next_kind, next_to) = items[i + 1]
            s, g = next_c - c, next_to[0] - to[0]
            while s <= 2 and 0 <= g <= 2 and i + n < len(items) and items[i + n] == (c + s * n, (kind, [to[0] + g * n] + to[1:])):
                n, step, grow = n + 1, s, g
        out.append((c, kind, to, n, step, grow))
        i += n
    return out


class Coder:
    def __init__(self):
        self.low, self.high, self.bytes, self.state = 0, 0xFFFFFFFF, bytearray(), {}

    def bit(self, slot, bit):
        p, n = self.state.get(slot, (32768, 1))
        middle = self.low + ((self.high - self.low) >> 16) * p
        if bit:
            self.high = middle
        else:
            self.low = middle + 1
        step = abs((65535 if bit else 0) - p) * 2 // (2 * n + 1)
        p = min(max(p + step if bit else p - step, 32), 65503)
        self.state[slot] = p, min(n + 1, 21)
        while not (self.low ^ self.high) >> 24:
            self.bytes.append(self.high >> 24)
            self.low, self.high = self.low << 8 & 0xFFFFFFFF, self.high << 8 & 0xFFFFFFFF | 255

    def number(self, context, v):
        v += 1
        bits = v.bit_length() - 1
        for i in range(bits + 1):
            self.bit(context * 1024 + i, i < bits)
        for i in range(bits - 1, -1, -1):
            high = v >> i + 1
            self.bit(context * 1024 + 32 + bits * 40 + (high if high < 16 else 16 + i), v >> i & 1)

    def text(self):
        data = bytes(self.bytes) + self.low.to_bytes(4, "big")
        data += b"\xff" * (-len(data) % 4)
        # From '#' on, without the backslash and the question mark (two of them begin a trigraph).
        digits = [chr(c) for c in range(35, 122) if chr(c) not in "\\?"]
        return "".join("".join(digits[int.from_bytes(data[i : i + 4], "big") // 85**k % 85] for k in (4, 3, 2, 1, 0))
                       for i in range(0, len(data), 4))


def write():
    coder = Coder()
    for i, table in enumerate([ranges(s) for s in SETS] + [ranges(CLASSES, CLASSES.get)]):
        coder.number(79, len(table))
        at = 0
        for first, last, value in table:
            coder.number(60 + 2 * i, first - at)
            coder.number(61 + 2 * i, last - first)
            if i == len(SETS):
                coder.number(78, value)
            at = last
    for mapping in (DECOMPOSITIONS, {c: (0, [ord(x) for x in s]) for c, s in LOWER.items()}):
        coder.number(79, len(runs(mapping)))
        at, before, n, key = 0, [0] * 20, 0, 0
        for c, kind, to, count, step, grow in runs(mapping):
            coder.number(min(n, 3), c - at)
            coder.number(4 + min(key, 15), kind + 3 * len(to))
            key = kind + 3 * len(to)
            for i, x in enumerate(to):
                d = x - before[i]
                coder.number(20 + 9 * min(i, 2) + min(key - 3, 8), 2 * d if d >= 0 else -2 * d - 1)
                before[i] = x
            coder.number(47 + min(key - 3, 8), count)
            if count > 1:
                coder.number(56, step + 4 * grow)
            at, n = c + (count - 1) * step, count
    return coder.text()


if __name__ == "__main__":
    text = write()
    lines = ",\n".join(f'    "{text[i : i + 123]}"' for i in range(0, len(text), 123))
    path = sys.argv[1]
    source = open(path, encoding="utf-8").read()
    made = re.sub(r"(static const char UNICODE\[\]\[124\] = \{\n)(?s:.*?)\};\n", lambda m: m[1] + lines + "};\n", source)
    open(path, "w", encoding="utf-8").write(made)
    print(len(text), "characters,", lines.count("\n") + 1, "lines")

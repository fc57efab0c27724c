#!/usr/bin/env python3
"""Makes rouge_cases.jsonl and stem_cases.txt, what the ROUGE tests compare with.

Needs: rouge_score 0.1.2, nltk 3.10.4 (any Python 3.9 or later). Run it as: make_rouge_fixtures.py FOLDER
A case is {"prediction", "references", "stemmer", "rouge1", "rouge2", "rougeL", "rougeLsum"}; a score is
[precision, recall, fmeasure] as RougeScorer.score_multi gives it. A line of stem_cases.txt is a word and its stem.
All texts were written for this purpose.
"""
import json
import random
import sys
from pathlib import Path

from nltk.stem.porter import PorterStemmer
from rouge_score.rouge_scorer import RougeScorer

TYPES = ["rouge1", "rouge2", "rougeL", "rougeLsum"]

# Every rule of the stemmer applies to some of these words and is refused by the measure of others.
WORDS = """
100s 4ing aaaa abbey abc123ed abdominoscope abdominousness abed aberrancy abhorrency ability able ably abnormalism
abolitionism abortional abortiveness abranchialism absence absent absenteeism absinthism absolutely absolutism
absolutization absorbed absorbing absorptiveness absorptivity abstemiously abstemiousness abstersiveness abusefulness
academic academization academy acanthomeridae accelerate acceptable acceptance accepted access accident accidentalism
accidentally acclimatizer accommodate accommodation accomplicity accomplished according accountant accounting accurate
accurately accused accustomed acenaphthylene acephalism acetaldehydase acetaldehyde acetanisidide acetocinnamene
acetonylidene acetylizer acheweed achieve achievement aching achromaticity acidic across action active actively
activity acts actual actually added addiction addition additional address administer administration administrative
admission admitted adorable advance advantage advertisement adviser aeolism aerobics affordable after afterwards age
aged ageism agency agent aging agism agree agreeable agreed agreeing agreement airsickness alacriousness
albuminousness alcoholic ale alive all allied allowance alternative altogether always ambitious ambulance amusement
analyses analyze ancient anger animal announcement annoyed annoying annual another answer anxious apartment apologize
apology apparently appeal appearance appetizer applicant application applied appointment appreciation appropriately
approval aquamarine archaeologi argument arrival artfulness assembly assessment assignment assistant ate attendant
attractive audience authorities authorized automatically automobile automotive availability awareness awful awfully
awfulness b2bs baalism baalize baked baker baking balance balefulness balize ball balls baseball based basement basic
basically basketball beating beautiful beautifully bed bee begging beginning being belis bell bely belying bies
billion biology blaeness blamed blaming bled bleed blue blueness boation bored botanical bred breed brightness
brilliant bring buried business byblis bye byously cable calculated calling callous cancellation canning cannings
capability capacity carefully caress carried categorized cavity celebrity cement cent certificate certification
certified chablis chance chancy chaotic charity chausses cheating chesses city civilized classes classical
classification cled cliency climate clivity coalize coincidence comfortably communicating companion comparative
competence complexion compliment compressed conference confidence confident conformabli conscious conservative
constant contagious continuously controll convenient conveniently creation creational creative creatively creativeness
creativity creator creed crossed crossing dance dangerous deaness debility decision deed delicious desensitized
destructive detective dies differently disability disabled disagreement document doubled doubly downsizing dryness
dualism duality dueful dying eding educational eeee effectiveness efficiently eighties electricity elevator eligible
emergency enjoy enjoyment enroll entity envious equality everywhere exceed expenditure explosion eyed failing fancy
fed feed fence filing finalize fizzed flexibility flexible flies fluency fluently formalities formativeness forties
fragrant francis fred friability frication frizer fully fulness functional garment gator gently geologi geology gied
glasses gleeful gleefully gleefulness grant grumbling guaranteed gullible hability hoeful hoful hopefully hopping
horrible hospitality hospitalize housing howe hyalitis ical iced impossible incredible incredibly indeed inning
innings international king laical laicality laically laicity led lied liveness logy lying maizer malism micate
mication motional myalism naiveness nancy nation national nationality nationalize nationalli nationally need needs
news notional notionally objectivity obviously ooze organization organizer outing outings participator phrator pied
ping piously piousness placement plicate ponies possibly pregnancy previously privity prize prizer proceed
productivity proficiency psychology publicity qualitied quality queue rally rambling rational realize really
recreational red refrigerator rely ridiculously ring rolling ruefully ruefulness sally sayyed schweizer senci
seriously sing size skies sky specialization specialize specialized speed spied spring sses ssssing station stator
stoicity string succeed suently swing syzygy talkativeness tanned tenancy tied ties tourism tously traditional
translator tuitional tying used vacancy vietnamization vileli vocational woefully woefulness yyyying
""".split()

SENTENCES = [
    "Mara asks the baker for two loaves of rye bread and pays with a crumpled note.",
    "The baker tells Mara that rye is sold out, but that barley loaves are still warm.",
    "Jonas wants to cancel his swimming lessons because the pool is always crowded on Tuesdays.",
    "The receptionist explains that cancellations need a signature and offers Jonas a quieter hour.",
    "Two neighbours argue about a fence that leans towards the wrong garden.",
    "In the end they agree to straighten the fence together on Saturday.",
    "Priya is nervously preparing a presentation on glaciers; her brother calms her down.",
    "Her brother suggests practising in front of the cat, who is an excellent listener.",
    "The customer's printer prints everything in green, and the technician replaces the cartridge.",
    "A conductor finds that Ole's ticket was valid yesterday, not today, and lets him off with a warning.",
    "Ole had been travelling for thirty hours and had simply lost track of the days.",
    "Lin and Theo decide to grow tomatoes on the balcony instead of buying a new television.",
]

PAIRS = [  # prediction, references
    ("", [""]),
    ("", ["something"]),
    ("something", [""]),
    ("... !?", ["- - -"]),
    ("a", ["a"]),
    ("one", ["one two"]),
    ("the the the the", ["the"]),
    ("the", ["the the the the"]),
    ("a b c d e f", ["f e d c b a"]),
    ("a b a b a b a", ["b a b a b"]),
    ("running runs ran runner", ["run running runs"]),
    ("The skies were dying; the news is lying.", ["A sky dies, news lies"]),
    ("It's 5 o'clock - re-read page_12!", ["its 5 oclock reread page 12"]),
    ("300 \u212a is warm", ["300 K is warm", "300 k are warm"]),
    ("\u0130stanbul and \u0130\u0130", ["i stanbul and i i", "istanbul"]),
    ("na\u00efve caf\u00e9 cr\u00e8me", ["na ve caf cr me", "naive cafe creme"]),
    ("\u00c9COLE STRASSE stra\u00dfe \u03a3\u03a3", ["cole strasse stra e"]),
    ("\u4f60\u597d world \U0001f600\U0001f600 ok", ["world ok", "\u4f60\u597d"]),
    ("\ufb01ne \u017fun \u2168 \u0662\u0663", ["ne un"]),
    ("one two\nthree four", ["three four\none two"]),
    ("one two\r\nthree four\r\n", ["three four\n\n\none two\n"]),
    ("one\u2028two\x0bthree\x85four", ["one two\nthree four"]),
    ("\n\n", ["a\nb"]),
    ("a b\nb a\na", ["a a\nb b"]),
    ("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", ["w1 w2 w3 w4 w5"]),
    ("x a b\nx c d\nx", ["a x b x c x d\nx x a"]),
    ("tab\tseparated\x00nul", ["tab separated nul"]),
    ("nationalization rationalizing organizational", ["nationalize rationalization organizations"]),
    ("same length here", ["same words not", "not same here", "length same no"]),
    ("first second third", ["first", "first second third", "third second first"]),
    ("a b c d", ["a b x y", "a b c p q r s t"]),  # equal f, so the first one counts
    ("a b c d", ["a b c p q r s t", "a b x y"]),
]

# Longer than several machine words, with matches far apart.
LONG = [(" ".join(f"w{i}" for i in p), [" ".join(f"w{i}" for i in range(200))])
        for p in ([150, 3], [199, 130, 70, 5, 131], range(199, -1, -7), [*range(0, 200, 3), *range(1, 200, 3)])]


def changed(rng, text):
    words = text.split(" ")
    for _ in range(rng.randint(0, 6)):
        at = rng.randrange(len(words))
        kind = rng.randrange(4)
        if kind == 0 and len(words) > 1:
            del words[at]
        elif kind == 1:
            words.insert(at, rng.choice(words))
        elif kind == 2:
            words[at] = rng.choice(WORDS)
        else:
            words[at] = rng.choice([words[at].upper(), words[at] + "s", words[at] + ","])
    return " ".join(words)


def made(rng):
    chosen = rng.sample(SENTENCES, rng.randint(1, 4))
    references = [rng.choice([" ", "\n"]).join(changed(rng, s) for s in chosen) for _ in range(rng.choice([1, 1, 2, 3]))]
    rng.shuffle(chosen)
    return rng.choice([" ", "\n"]).join(changed(rng, s) for s in chosen), references


def few_letters(rng, most):
    text = lambda: "".join(rng.choice("abc") + rng.choice("    \n") for _ in range(rng.randint(1, most)))
    return text(), [text() for _ in range(rng.choice([1, 2]))]


def main():
    folder = Path(sys.argv[1])
    rng = random.Random(12)
    cases = [(p, r, stemmer) for p, r in PAIRS for stemmer in (True, False)]
    cases += [(p, r, False) for p, r in LONG]
    cases += [(*made(rng), i % 3 > 0) for i in range(44)]
    cases += [(*few_letters(rng, most), False) for most in (6, 12, 12, 30, 30, 63, 64, 65, 66, 128, 129, 130, 200, 260)]
    scorers = {stemmer: RougeScorer(TYPES, use_stemmer=stemmer) for stemmer in (True, False)}
    with open(folder / "rouge_cases.jsonl", "w", encoding="ascii", newline="\n") as f:
        for prediction, references, stemmer in cases:
            case = {"prediction": prediction, "references": references, "stemmer": stemmer}
            score = scorers[stemmer].score_multi(references, prediction)
            case.update({t: [float(x) for x in score[t]] for t in TYPES})
            f.write(json.dumps(case) + "\n")
    stemmer = PorterStemmer()
    with open(folder / "stem_cases.txt", "w", encoding="ascii", newline="\n") as f:
        for word in WORDS:
            f.write(f"{word} {stemmer.stem(word)}\n")


main()

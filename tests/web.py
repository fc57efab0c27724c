"""The demo's page in headless Chromium, from a file and from a static server: opened, summarized, tuned, stopped, downloaded.

    python3 tests/web.py [--shots FOLDER]     builds the page with `make web`; left out where emscripten or Chromium is missing

Talks the DevTools protocol through a pipe, so the standard library is enough. The adapter that the page offers must be what
./t5peft trains with the same settings, but for rounding, and open in it (tests/parity.py holds ./t5peft's folders against peft).
"""
import base64, functools, http.server, io, json, os, shutil, struct, subprocess, sys, tempfile, threading, time, zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STEPS = 10
passed = failed = 0


def check(holds, what):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAILED:", what)


class Browser:
    def __init__(self, program, profile):
        to_read, self.to = os.pipe()
        self.come, come_write = os.pipe()

        def pipes():   # Chromium reads commands from 3 and answers on 4
            a, b = os.dup(to_read), os.dup(come_write)
            os.dup2(a, 3), os.dup2(b, 4)

        flags = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --remote-debugging-pipe".split()
        command = [program, *flags, "--user-data-dir=" + profile, "about:blank"]
        self.process = subprocess.Popen(command, preexec_fn=pipes, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(to_read), os.close(come_write)
        self.rest, self.number, self.events, self.session = b"", 0, [], None
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self.session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Accessibility"):
            self(domain + ".enable")

    def __call__(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.rest:
                more = os.read(self.come, 1 << 20)
                if not more:
                    raise SystemExit("Chromium has ended")
                self.rest += more
            line, self.rest = self.rest.split(b"\0", 1)
            said = json.loads(line)
            if said.get("id") == self.number:
                if "error" in said:
                    raise RuntimeError(method + ": " + said["error"]["message"])
                return said["result"]
            self.events.append(said)

    def js(self, expression):
        result = self("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(expression + ": " + json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def wait(self, expression, seconds=180):
        until = time.time() + seconds
        while time.time() < until:
            if self.js(expression):
                return True
            time.sleep(0.1)
        return False

    def size(self, width, height, dark=False):
        self("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        time.sleep(0.3)

    def shot(self, path):
        height = self.js("document.documentElement.scrollHeight")
        width = self.js("innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        png = self("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"]
        with open(path, "wb") as f:
            f.write(base64.b64decode(png))


def text(id):
    return f"document.getElementById('{id}').textContent"


def tune(b, method):
    """Presses Tune with the keyboard and Stop after STEPS steps (a prompt: six times as many); returns the losses and the seconds that the steps took."""
    b.js(f"document.querySelector('[value={method}]').click(); at('tune').focus()")
    began = time.time()
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    b("Input.dispatchKeyEvent", type="keyDown", text="\r", **key)
    b("Input.dispatchKeyEvent", type="keyUp", **key)
    check(b.wait("losses.length >= 3"), f"{method}: it trains")
    b.js("at('pick').value = 1 - at('pick').value; at('pick').onchange()")
    check(b.wait(text("before") + " && " + text("after") + " && running", 30), f"{method}: another dialogue while it trains")
    steps = STEPS if method == "lora" else 6 * STEPS  # a prompt takes longer to be heard
    check(b.wait(f"losses.length >= {steps}", 60), f"{method}: {steps} steps are trained")
    took = time.time() - began
    b.js("at('tune').click()")
    check(b.wait("!at('result').hidden", 30), f"{method}: Stop ends the run and the adapter is offered")
    return b.js("losses.slice()"), took


def download(b):
    data = b.js("""fetch(at('download').href).then(r => r.blob()).then(b => new Promise(done => {
        const r = new FileReader(); r.onload = () => done(r.result.split(',')[1]); r.readAsDataURL(b); }))""")
    return base64.b64decode(data)


def tensors(data):
    n = struct.unpack("<Q", data[:8])[0]
    head = json.loads(data[8:8 + n])
    ends = {name: tensor["data_offsets"] for name, tensor in head.items() if name != "__metadata__"}
    return {name: struct.unpack(f"<{(to - at) // 4}f", data[8 + n + at:8 + n + to]) for name, (at, to) in ends.items()}


def adapter_opens(archive, method, losses, folder):
    """The zip holds a peft folder whose numbers are those of the command line after as many steps."""
    with zipfile.ZipFile(io.BytesIO(archive)) as z:
        names = ["adapter/adapter_config.json", "adapter/adapter_model.safetensors"]
        check(z.testzip() is None and sorted(z.namelist()) == names, f"{method}: the download is a whole .zip of the two files")
        z.extractall(folder)
    config = json.load(open(folder + "/adapter/adapter_config.json"))
    kind = {"lora": "LORA", "prompt": "PROMPT_TUNING"}[method]
    check(config["peft_type"] == kind, f"{method}: adapter_config.json names its kind")
    ways = {"lora": "--target-modules all-linear --lora-r 4 --lora-alpha 16 --per-device-train-batch-size 4 --learning-rate 3e-3",
            "prompt": "--num-virtual-tokens 20 --per-device-train-batch-size 2 --learning-rate 0.3"}
    command = "./t5peft train --quiet --model demo/model --data demo/dialogues/train.csv --subset 1/10 --dropout 0".split()
    command += ["--method", method, *ways[method].split(), "--max-steps", "60", "--logging-steps", "1"]
    command += ["--save-steps", str(len(losses)), "--out", folder + "/own"]
    # With the same kernels: tuning at these rates makes much of the last digit.
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "T5PEFT_ISA": "vec128"})
    own = [json.loads(line)["loss"] for line in open(folder + "/own/train_log.jsonl") if '"loss"' in line][:len(losses)]
    worst = max(abs(x - y) for x, y in zip(losses, own))
    check(len(own) == len(losses) and worst < 1e-4, f"{method}: the losses are those of ./t5peft (worst {worst:.2g})")
    here = tensors(open(folder + "/adapter/adapter_model.safetensors", "rb").read())
    there = tensors(open(f"{folder}/own/checkpoint-{len(losses)}/adapter_model.safetensors", "rb").read())
    same = here.keys() == there.keys() and all(len(here[k]) == len(there[k]) for k in here)
    check(same, f"{method}: the tensors are those of ./t5peft")
    apart = sum((x - y) ** 2 for k in there for x, y in zip(here[k], there[k])) ** 0.5
    apart /= sum(x * x for k in there for x in there[k]) ** 0.5
    check(apart < 1e-3, f"{method}: and so are their numbers ({apart:.2g} apart)")
    dialogue = "#Person1#: Where shall we meet?\n#Person2#: At the station, at six."
    command = ["./t5peft", "generate", "--quiet", "--model", "demo/model", "--adapter", folder + "/adapter", dialogue]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    check(said.returncode == 0 and said.stdout.strip(), f"{method}: ./t5peft generates with the download")
    return worst, apart


def page(b, url, name, shots, work):
    b.events.clear()
    b.size(390, 844)
    b("Page.navigate", url=url)
    ready = "document.readyState === 'complete' && /tokens a second/.test(" + text("state") + ")"
    check(b.wait(ready, 60), name + ": the model opens and summarizes")
    check(b.js(text("before")), name + ": there is a summary before tuning")
    speed = b.js(text("state"))
    if shots:
        b.shot(shots + "/phone-first.png")
    for method in ("lora", "prompt") if url.startswith("file:") else ("prompt",):
        losses, took = tune(b, method)
        check(method == "prompt" or sum(losses[-3:]) < sum(losses[:3]), f"{name}: LoRA's loss falls: {losses}")
        check(b.js(text("after")) not in ("", b.js(text("before"))), f"{name}, {method}: the summary has changed: " + b.js(text("before")) + " -> " + b.js(text("after")))
        check(b.js("document.querySelectorAll('#changes li').length") > 0, f"{name}, {method}: changes are listed")
        points = b.js("document.querySelectorAll('#curve circle').length")
        check(points == len(losses), f"{name}, {method}: the curve has a point for each step")
        folder = f"{work}/{method}-{name.replace(' ', '-')}"
        worst, apart = adapter_opens(download(b), method, losses, folder)
        print(f"{name}, {method}: {len(losses)} steps in {took:.1f} s, {speed[7:]}", end=" ")
        print(f"losses within {worst:.1g} of ./t5peft, weights within {apart:.1g}")
        if shots:
            for width, height, dark in ((390, 844, False), (390, 844, True), (1280, 900, False), (1280, 900, True)):
                b.size(width, height, dark)
                b.shot(f"{shots}/{method}-{width}{'-dark' if dark else ''}.png")
            b.size(390, 844)
    b.js("at('own').click(); at('text').value = '#Person1#: Is Tom at home?\\n#Person2#: No, at school.'; at('go').click()")
    both = text("before") + " && " + text("after") + " && at('after').ariaBusy === 'false'"
    check(b.wait(both, 30), name + ": a dialogue of one's own is summarized, before and after")
    b.js("at('forget').click()")
    check(b.js("at('forget').hidden && at('result').hidden"), name + ": what was learned is forgotten")
    for width in (320, 390, 768, 1280):
        b.size(width, 800)
        check(b.js("document.documentElement.scrollWidth <= innerWidth"), f"{name}: nothing is wider than {width} pixels")
    roles = {"button", "combobox", "textbox", "radio", "link", "image"}
    nodes = [n for n in b("Accessibility.getFullAXTree")["nodes"] if not n["ignored"] and n["role"]["value"] in roles]
    check(len(nodes) >= 6 and all(n["name"]["value"] for n in nodes), name + ": every control has a name")
    asked = [e["params"]["request"]["url"] for e in b.events if e["method"] == "Network.requestWillBeSent"]
    origin = url.rsplit("/", 1)[0]
    check(asked and all(u.startswith((origin, "blob:", "data:")) for u in asked), f"{name}: nothing from elsewhere: {asked}")
    wrong = [e["params"] for e in b.events if e["method"] == "Runtime.exceptionThrown"]
    wrong += [e["params"] for e in b.events if e["method"] == "Log.entryAdded" and e["params"]["entry"]["level"] == "error"]
    check(not wrong, f"{name}: the console has no error: {wrong}")


def main():
    chromium = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
    for package, here in (("emscripten", shutil.which("emcc")), ("chromium", chromium)):
        if not here:
            return print(f"tests/web.py: left out, for it wants {package} (apt-get install {package})")
    shots = sys.argv[2] if sys.argv[1:2] == ["--shots"] else None
    subprocess.run(["make", "-s", "web", "t5peft"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        b = Browser(chromium, work + "/profile")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=ROOT + "/demo/web"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            page(b, "file://" + ROOT.replace(" ", "%20") + "/demo/web/index.html", "file", shots, work)
            page(b, f"http://127.0.0.1:{server.server_port}/index.html", "served", None, work)
        finally:
            server.shutdown()
            b.session = None
            b("Browser.close")
            b.process.wait(20)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":
    main()

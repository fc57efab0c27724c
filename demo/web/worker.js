// worker.js: the page's worker. `make web` puts it in front of what emscripten makes of web.c. Messages say what to `do` (in) and
// what to `say` (out). A run is a chain of short calls, each started by a timer, so that what the page asks meanwhile is heard.
{
let dialogue = '', run = 0, running = false, tuned = false, which = 'before', said = '';

const say = (what, more) => postMessage({say: what, ...more});
self.tellText = text => say('text', {which, text: said = text});
self.tellStep = (step, steps, loss) => say('step', {step, steps, loss});
const call = (name, result, ...values) =>
    Module.ccall(name, result, values.map(v => typeof v === 'string' ? 'string' : 'number'), values);
const fail = () => { running = tuned = false; say('failed', {text: call('web_failure', 'string')}); };

function summarize(after) {
    which = after ? 'after' : 'before';
    said = '';
    const began = performance.now(), tokens = call('web_summarize', 'number', dialogue, after);
    if (tokens < 0) return fail();
    say('summary', {which, text: said, tokens, seconds: (performance.now() - began) / 1000});
}

function open() {
    const text = call('web_open', 'string');
    if (text) say('opened', JSON.parse(text));
    else fail();
}

function remove(path) {
    const {exists, object} = Module.FS.analyzePath(path);
    if (!exists) return;
    if (!object.isFolder) return Module.FS.unlink(path);
    for (const name in object.contents) remove(path + '/' + name);
    Module.FS.rmdir(path);
}

function start(method) {
    for (const folder of ['out', 'adapter']) remove(folder);
    running = true;
    tuned = false;
    train(method, false, ++run);
}

function train(method, resume, mine) {
    if (!running || mine !== run) return;
    const status = call('web_train', 'number', method === 'lora', resume);
    if (status === 1) return fail();
    tuned = true;
    summarize(true);
    if (status === 130) setTimeout(train, 0, method, true, mine);
    else finish();
}

function finish() {
    if (!running) return;
    running = false;
    const files = {};
    for (const name of ['adapter_config.json', 'adapter_model.safetensors']) files[name] = Module.FS.readFile('adapter/' + name);
    say('trained', {files});
}

onmessage = ({data}) => {
    if (data.do === 'train') start(data.method);
    if (data.do === 'stop') finish();
    if (data.do === 'forget') running = tuned = false;
    if (data.do !== 'summarize') return;
    dialogue = data.dialogue;
    summarize(false);
    if (tuned) summarize(true);
};

var Module = {
    onRuntimeInitialized: open,
    onAbort: why => say('failed', {text: String(why)}),
    printErr: text => console.warn(text)
};
}

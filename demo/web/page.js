// page.js: the page's side of worker.js. t5peft.js defines the worker as one function, t5peft(): its text goes into a Blob, for a
// page that was opened as a file may start no worker from another file.
'use strict';
const at = id => document.getElementById(id);
const count = n => n.toLocaleString('en');
let worker, rows = [], running = false, tuned = false, losses = [], last = '', dialogue = '';

function node(name, parent, text = '', attributes = {}) {
    const e = parent.appendChild(document.createElementNS(parent.namespaceURI, name));
    e.textContent = text;
    for (const key in attributes) e.setAttribute(key, attributes[key]);
    return e;
}

const readable = text => text.replace(/#Person(\d)#/g, 'Person $1').trim();

function state(text, bad = false) {
    at('state').textContent = text;
    at('state').className = bad ? 'bad' : '';
}

// ---- the dialogue

function talk() {
    at('talk').replaceChildren();
    for (const line of dialogue.split('\n').filter(line => line.trim())) {
        const [, who, said] = /^#Person(\d)#:\s*(.*)/.exec(line) || [, '', line];
        const p = node('p', at('talk'), '', {class: who === '2' ? 'two' : ''});
        if (who) node('small', p, 'Person ' + who);
        node('span', p, said);
    }
}

function summarize(text) {
    if (text !== dialogue) at('changes').replaceChildren(last = '');
    dialogue = text;
    const row = rows.find(r => r.dialogue === text);
    at('wanted').hidden = !row;
    if (row) at('reference').textContent = readable(row.summary);
    at('before').textContent = '';
    if (tuned || running) at('after').textContent = '';
    talk();
    worker.postMessage({do: 'summarize', dialogue});
}

function write(own) {
    at('talk').hidden = own;
    at('writing').hidden = !own;
    at('own').textContent = own ? 'Back' : 'Write my own';
}

at('own').onclick = () => {
    const own = at('writing').hidden;
    write(own);
    if (!own) return summarize(rows[at('pick').value].dialogue);
    at('text').value = dialogue;
    at('text').focus();
};
at('pick').onchange = () => {
    write(false);
    summarize(rows[at('pick').value].dialogue);
};
at('go').onclick = () => at('text').value.trim() ? summarize(at('text').value.trim()) : at('text').focus();

// ---- the run

function draw() {
    const svg = at('curve'), w = svg.clientWidth, h = svg.clientHeight, left = 22, bottom = 20, steps = losses.steps || 1;
    const top = Math.max(1, Math.ceil(Math.max(...losses)));
    const x = step => left + 6 + (step - 1) / Math.max(1, steps - 1) * (w - left - 14);
    const y = loss => 8 + (1 - loss / top) * (h - bottom - 12);
    svg.replaceChildren();
    for (let v = 0; v <= top; v += Math.ceil(top / 5)) {
        node('line', svg, '', {x1: left, x2: w, y1: y(v), y2: y(v)});
        node('text', svg, v, {x: left - 6, y: y(v) + 4, 'text-anchor': 'end'});
    }
    for (const [step, anchor] of [[1, 'start'], [steps / 2, 'middle'], [steps, 'end']])
        node('text', svg, step > 1 ? step : 'step 1', {x: x(step), y: h - 4, 'text-anchor': anchor});
    losses.forEach((loss, i) => node('circle', svg, '', {cx: x(i + 1), cy: y(loss), r: 2.5}));
    let mean = 0, weight = 0;   // of the newest steps, which count most: a batch is small, and its loss says little
    const line = losses.map((loss, i) => {
        mean = .85 * mean + .15 * loss;
        weight = .85 * weight + .15;
        return `${i ? 'L' : 'M'}${x(i + 1).toFixed(1)} ${y(mean / weight).toFixed(1)}`;
    });
    node('path', svg, '', {d: line.join('')});
    at('loss').textContent = losses.length ? (mean / weight).toFixed(2) : '';
    if (losses.length) svg.setAttribute('aria-label', `Loss: ${losses[0].toFixed(2)} at first, ${at('loss').textContent} now`);
}
addEventListener('resize', draw);

function busy(now) {
    running = now;
    at('tune').textContent = now ? 'Stop' : tuned ? 'Tune again' : 'Tune';
    at('tune').classList.toggle('stop', now);
    at('methods').disabled = now;
    at('forget').hidden = now || !tuned;
    // While it trains, these change too often to be read out.
    for (const id of ['after', 'progress']) at(id).setAttribute('aria-live', now ? 'off' : 'polite');
}

function tune() {
    losses = [];
    last = '';
    tuned = false;
    at('changes').replaceChildren();
    at('run').hidden = false;
    at('result').hidden = true;
    at('progress').textContent = '';
    at('after').textContent = '';
    busy(true);
    draw();
    worker.postMessage({do: 'train', method: document.querySelector('[name=method]:checked').value});
}

function stop() {
    at('progress').textContent = 'Finishing this step…';
    worker.postMessage({do: 'stop'});
}

at('tune').onclick = () => running ? stop() : tune();
at('forget').onclick = () => {
    worker.postMessage({do: 'forget'});
    tuned = false;
    busy(false);
    at('run').hidden = at('result').hidden = true;
    at('progress').textContent = at('reached').textContent = '';
    at('after').textContent = 'Not yet: press Tune.';
    at('tune').focus();
};

// ---- a .zip of files as they are: each with a head, then the heads again as a list

function crc32(bytes) {
    let crc = -1;
    for (const byte of bytes) {
        crc ^= byte;
        for (let i = 0; i < 8; i++) crc = crc >>> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

function zip(files) {
    const parts = [], list = [], size = all => all.reduce((n, part) => n + part.length, 0);
    const bytesOf = ([n, bytes]) => Array.from({length: bytes}, (_, i) => n >>> 8 * i & 255);
    const numbers = (...pairs) => new Uint8Array(pairs.flatMap(bytesOf));
    for (const path in files) {
        const name = new TextEncoder().encode(path), bytes = files[path], n = bytes.length, from = size(parts);
        // Version 2.0, names in UTF-8, stored; no time, and the first day that there is: 1 January 1980.
        const head = numbers([20, 2], [0x800, 2], [0, 2], [0, 2], [33, 2],
                             [crc32(bytes), 4], [n, 4], [n, 4], [name.length, 2], [0, 2]);
        parts.push(numbers([0x04034b50, 4]), head, name, bytes);
        list.push(numbers([0x02014b50, 4], [20, 2]), head, numbers([0, 2], [0, 2], [0, 2], [0, 4], [from, 4]), name);
    }
    const n = Object.keys(files).length;
    const end = numbers([0x06054b50, 4], [0, 2], [0, 2], [n, 2], [n, 2], [size(list), 4], [size(parts), 4], [0, 2]);
    return new Blob([...parts, ...list, end], {type: 'application/zip'});
}

// ---- what the worker says

const heard = {
    opened(m) {
        rows = m.rows;
        document.querySelector('.weights').textContent = count(m.weights);
        for (const method of ['lora', 'prompt']) {
            const share = (100 * m[method] / m.weights).toPrecision(2);
            at('n-' + method).textContent = `${count(m[method])} numbers, ${share} % of the model’s`;
        }
        rows.forEach((row, i) => node('option', at('pick'), `${i + 1}: ${row.topic}`, {value: i}));
        for (const id of ['pick', 'own', 'tune']) at(id).disabled = false;
        state('Ready.');
        summarize(rows[0].dialogue);
    },
    text({which, text}) {
        const p = at(which);
        if (running && which === 'after') return;   // it comes whole, every few steps
        p.setAttribute('aria-busy', 'true');
        p.textContent = readable(text);
    },
    summary({which, text, tokens, seconds}) {
        const p = at(which);
        p.setAttribute('aria-busy', 'false');
        p.textContent = readable(text) || '(nothing)';
        if (!running) state(`Ready. ${Math.round(tokens / seconds)} tokens a second on this device.`);
        if (which === 'before' || !running) return;
        if (text !== last) {
            const li = at('changes').insertBefore(document.createElement('li'), at('changes').firstChild);
            node('span', li, 'step ' + losses.length);
            node('span', li, readable(text) || '(nothing)');
        }
        last = text;
    },
    step({step, steps, loss}) {
        losses.steps = steps;
        losses[step - 1] = loss;
        at('progress').textContent = `Step ${step} of ${steps}`;
        at('reached').textContent = `after ${step} steps`;
        draw();
    },
    trained({files}) {
        tuned = true;
        busy(false);
        const blob = zip(Object.fromEntries(Object.entries(files).map(([name, bytes]) => ['adapter/' + name, bytes])));
        URL.revokeObjectURL(at('download').href);
        at('download').href = URL.createObjectURL(blob);
        at('download').textContent = `Download the adapter (${Math.ceil(blob.size / 1000)} kB)`;
        at('progress').textContent = `Done after ${losses.length} steps.`;
        at('result').hidden = false;
    },
    failed({text}) {
        tuned = false;
        busy(false);
        state(text, true);
    }
};

const missing = 'This browser cannot run it: it takes WebAssembly with SIMD (Chrome 91, Firefox 89, Safari 16.4 or later).';
const script = node('script', document.body, '', {src: 't5peft.js'});
script.onerror = () => state('t5peft.js is not here: make it with make web.', true);
script.onload = () => {
    worker = new Worker(URL.createObjectURL(new Blob([`(${t5peft})()`], {type: 'text/javascript'})));
    worker.onerror = event => state(event.message || missing, true);
    worker.onmessage = ({data}) => heard[data.say](data);
};

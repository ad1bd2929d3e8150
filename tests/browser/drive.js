/*
 * drive.js chromium|firefox: a browser without a window and, unless asked for,
 * without scripts, driven by lines of JSON: {"do": NAME, ...} on stdin, one
 * {"value": ...} or {"error": TEXT} on stdout for each, in order.
 *
 *	start {folder, socks, scripts, width, height}
 *	open {url}		until the page is loaded
 *	click {css, stay, frame}	waits for a new page, or stays on this one
 *	press {key, stay}	a key or Shift+Tab; stay false: a new page comes
 *	type {css, text, frame} | files {css, paths, frame} | back
 *	run {body, frame}	the body of a function, beside the page's scripts
 *				frame: the end of a frame's address
 *	size {width, height}
 *	shot {path, full}
 *	requests		what the page has asked for since the last time
 *	answers			HTML of the page itself since then (Chromium)
 *	close
 */
'use strict';
const readline = require('readline');
const { Browser } = require('./' + process.argv[2] + '.js');

const browser = new Browser();

const own = {
	requests: () => browser.seen.splice(0),
	answers: () => (browser.answers || []).splice(0),
};

async function obey(line) {
	const order = JSON.parse(line);
	const name = order.do;

	try {
		const value = own[name] ? own[name]() : await browser[name](order);
		return { value: value === undefined ? null : value };
	} catch (e) {
		return { error: String(e.message || e) };
	}
}

let last = Promise.resolve();
readline.createInterface({ input: process.stdin }).on('line', (line) => {
	last = last.then(() => obey(line)).then((answer) => {
		process.stdout.write(JSON.stringify(answer) + '\n');
	});
}).on('close', () => last.then(() => browser.close().catch(() => {}))
	.then(() => process.exit(0)));

/*
 * judge.js PAGES.json SHOTS_DIR: what can be judged of pages without a person.
 * PAGES.json is [{name, lang, html, csp, shots}]; one line of JSON on stdout
 * for each, {name, lang, findings: [{id, text}]}.  An id is html:RULE of the
 * validator, axe:RULE, dark:RULE (axe, dark theme) or one of looks.js.  shots
 * is how many kinds of pictures are taken; keys are tried from two on.
 */
'use strict';
const fs = require('fs');
const path = require('path');
const { HtmlValidate } = require('html-validate');
const { launch } = require('./chromium.js');
const looks = require('./looks.js');

const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const ORIGIN = 'http://' + 'a'.repeat(56) + '.onion/';
const WORKERS = 2;

/* axe: WCAG 2.2 AA, good practice, and 7:1 for text, light and dark. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
	'best-practice'];
const CONTRAST = ['color-contrast', 'color-contrast-enhanced'];

const validator = new HtmlValidate({
	extends: ['html-validate:recommended', 'html-validate:document'],
	rules: {
		/* matters of taste, which the templates settle in another way */
		'attr-quotes': 'off',
		'no-trailing-whitespace': 'off',
		'void-style': 'off',
		'long-title': 'off',
		'require-sri': 'off',
		'no-implicit-button-type': 'off',
		'no-inline-style': 'error',
		/* the code stands before the page's own heading */
		'heading-level': ['error', { minInitialRank: 'h2' }],
	},
});

async function validate(html) {
	const report = await validator.validateString(html);

	return report.results.flatMap((r) => r.messages).map((m) => ({
		id: 'html:' + m.ruleId, text: `${m.line}: ${m.message}` }));
}

/* By the inspector, so that the page's own policy stands as it is. */
async function axe(page, options) {
	const cdp = await page.context().newCDPSession(page);
	const run = (expression) => cdp.send('Runtime.evaluate',
		{ expression, awaitPromise: true, returnByValue: true });

	await run(AXE);
	const got = await run(`axe.run(document, ${JSON.stringify(options)})
		.then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) =>
			n.target.join(' ') + ': ' + n.failureSummary).join('; ')]))`);
	await cdp.detach();
	if (got.exceptionDetails)
		throw new Error(got.exceptionDetails.exception.description);
	return got.result.value;
}

async function accessible(page) {
	const out = [];

	await page.emulateMedia({ colorScheme: 'light' });
	const light = await axe(page, { runOnly: TAGS,
		rules: { 'color-contrast-enhanced': { enabled: true } } });
	await page.emulateMedia({ colorScheme: 'dark' });
	const dark = await axe(page, { runOnly: { type: 'rule',
		values: CONTRAST } });
	light.forEach(([id, text]) => out.push({ id: 'axe:' + id, text }));
	dark.forEach(([id, text]) => out.push({ id: 'dark:' + id, text }));
	return out;
}

/* The hint about scripts is seen where they run, and only there; the page
 * after leaving says as little as it can. */
async function hinted(pages) {
	if (await pages[0].locator('.bar').count() === 0)
		return [];
	const [on, off] = await Promise.all(pages.map((p) =>
		p.isVisible('p.scripts')));

	return on && !off ? [] : [{ id: 'scripts',
		text: `with scripts ${on}, without ${off}` }];
}

/* The page as it came, its <noscript> unwrapped where scripts are on; and
 * what stands in its frames. */
function serve(context, pages, all) {
	return context.route('**', (route) => {
		const url = new URL(route.request().url());
		const p = url.pathname === '/' ? pages.current :
			all.find((x) => x.path === url.pathname);

		if (!p)
			return route.abort();
		return route.fulfill({ status: 200, body: pages.scripts ?
			p.html.replace(/<\/?noscript>/g, '') : p.html,
		headers: { 'content-type': 'text/html; charset=utf-8',
			...(p.csp && { 'content-security-policy': p.csp }) } });
	});
}

async function worker(browser, queue, all, shots) {
	const on = { scripts: true };
	const off = { scripts: false };
	const with_ = await browser.newContext({ viewport: looks.PHONE });
	const without = await browser.newContext({ viewport: looks.PHONE,
		javaScriptEnabled: false });
	await serve(with_, on, all);
	await serve(without, off, all);
	const pages = [await with_.newPage(), await without.newPage()];

	for (let p = queue.shift(); p; p = queue.shift()) {
		on.current = off.current = p;
		const findings = await validate(p.html);

		await pages[0].goto(ORIGIN);
		findings.push(...await accessible(pages[0]));
		await pages[1].goto(ORIGIN);
		findings.push(...await hinted(pages));
		findings.push(...await looks.look(pages[1], p, shots));
		process.stdout.write(JSON.stringify({ name: p.name, lang: p.lang,
			findings }) + '\n');
	}
}

async function main() {
	const queue = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
	const all = [...queue];
	const browser = await launch({});
	const shots = path.resolve(process.argv[3]);

	try {
		await Promise.all([...Array(WORKERS)].map(() =>
			worker(browser, queue, all, shots)));
	} finally {
		await browser.close();
	}
}

main().catch((e) => {
	console.error(e);
	process.exit(1);
});

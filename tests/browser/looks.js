/*
 * How a page stands in the window and answers to keys, scripts off; and its
 * pictures.  Findings:
 *
 *	wide:WHERE	it can be scrolled sideways: at 320 px; on a phone with
 *			text at 200 % or with the widest spacing of WCAG 1.4.12
 *	target		something to touch that is under 44 px
 *	focus		what has the focus does not show it
 *	order		Tab goes another way than the eye
 *	name		a control without a name for a screen reader
 *	summary		what went wrong does not stand before the fields
 *	bare		without CSS something cannot be seen
 *	edge		in forced colours a control has no border
 */
'use strict';
const fs = require('fs');
const path = require('path');

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };
const NARROW = { width: 320, height: 640 };
const TABS_MAX = 150;

const wide = `(() => {
	const w = document.documentElement.clientWidth;
	const inside = (e) => e.parentElement && (
		getComputedStyle(e.parentElement).overflowX !== 'visible' ||
		inside(e.parentElement));

	if (document.documentElement.scrollWidth <= w)
		return [];
	return [...document.querySelectorAll('body *')].filter((e) =>
		e.getBoundingClientRect().right > w + 1 && !inside(e))
		.map((e) => e.outerHTML.slice(0, 120));
})()`;

/* A link in a sentence is as tall as its line; WCAG excepts it too. */
const small = `(() => [...document.querySelectorAll(
	'a[href], button, summary, select, textarea, input:not([type=hidden])')]
	.filter((e) => {
		const s = getComputedStyle(e);
		const box = /checkbox|radio/.test(e.type) && e.closest('label') || e;
		const r = box.getBoundingClientRect();

		if (!r.width || s.visibility === 'hidden' || r.right < 0)
			return false;
		if (e.matches('a') && s.display === 'inline' &&
		    e.parentElement.textContent.trim() !== e.textContent.trim())
			return false;
		return r.height < 43.5 || r.width < 43.5;
	}).map((e) => e.outerHTML.slice(0, 120)))()`;

/* Where the focus is now, and whether it can be seen. */
const focus = `(() => {
	const e = document.activeElement;

	if (!e || e === document.body || e === document.documentElement)
		return null;
	const s = getComputedStyle(e);
	const r = e.getBoundingClientRect();
	return { x: r.left + scrollX, y: r.top + scrollY, h: r.height,
		seen: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 &&
			r.width > 0 && r.right > 0,
		frame: e.matches('iframe'), text: e.outerHTML.slice(0, 120) };
})()`;

async function keys(page) {
	const out = [];
	let first = null;
	let last = null;

	await page.evaluate(`document.querySelectorAll('details').forEach(
		(e) => { e.open = true; }); scrollTo(0, 0);`);
	/* what went wrong has the focus already: begin at the top */
	if (await page.evaluate('document.activeElement !== document.body'))
		await page.mouse.click(1, 1);
	for (let n = 0; n < TABS_MAX; n++) {
		await page.keyboard.press('Tab');
		const now = await page.evaluate(focus);

		if (!now || (first && now.text === first.text && now.y === first.y))
			break;
		first = first || now;
		if (last && now.text === last.text && now.y === last.y)
			continue;	/* inside a frame, which is judged alone */
		if (!now.seen && !now.frame)
			out.push({ id: 'focus', text: now.text });
		/* further down, or on the same line further right */
		const down = last && now.y + now.h > last.y + 2 && (
			now.y > last.y + last.h / 2 || now.x > last.x);
		if (last && !down)
			out.push({ id: 'order', text: `${last.text} then ${now.text}` });
		last = now;
	}
	if (!last)
		out.push({ id: 'order', text: 'nothing can be reached by Tab' });
	return out;
}

/* The tree that a screen reader reads, in its order. */
async function spoken(page) {
	const out = [];
	const cdp = await page.context().newCDPSession(page);
	const { nodes } = await cdp.send('Accessibility.getFullAXTree');
	const by = new Map(nodes.map((n) => [n.nodeId, n]));
	const order = [];
	const visit = (n) => {
		if (!n.ignored)
			order.push(n);
		n.childIds.forEach((c) => by.has(c) && visit(by.get(c)));
	};
	await cdp.detach();
	visit(nodes[0]);
	const has = (n, p) => (n.properties || []).some((x) => x.name === p &&
		x.value.value === true);
	const named = (n) => (n.name && n.name.value || '').trim() !== '';

	for (const n of order) {
		if (has(n, 'focusable') && !named(n) &&
		    !['RootWebArea', 'generic', 'main', 'pre', 'alert', 'Legend']
			.includes(n.role.value))
			out.push({ id: 'name', text: n.role.value });
	}
	const alert = order.findIndex((n) => n.role.value === 'alert');
	const field = order.findIndex((n) => /textbox|radio|checkbox/.test(
		n.role.value));
	if (alert > field && field >= 0)
		out.push({ id: 'summary', text: 'after the first field' });
	return out;
}

const find = (id) => (text) => ({ id, text });

/* With something of ours in the page, beside its own policy. */
async function styled(page, css, what) {
	const cdp = await page.context().newCDPSession(page);
	const { frameTree } = await cdp.send('Page.getFrameTree');

	await cdp.send('DOM.enable');
	await cdp.send('CSS.enable');
	const { styleSheetId } = await cdp.send('CSS.createStyleSheet',
		{ frameId: frameTree.frame.id });
	await cdp.send('CSS.setStyleSheetText', { styleSheetId, text: css });
	try {
		return await what();
	} finally {
		await cdp.send('CSS.setStyleSheetText', { styleSheetId, text: '' });
		await cdp.detach();
	}
}

const TWICE = 'html { font-size: 225% !important; }';
const SPACED = `* { line-height: 1.5 !important; letter-spacing: .12em !important;
	word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`;

const bare = `(() => {
	document.querySelectorAll('style').forEach((e) => e.remove());
	return [...document.querySelectorAll('h1, label, button, a, input' +
		':not([type=hidden]), textarea')].filter((e) => {
		const r = e.getBoundingClientRect();
		return !r.width && !e.closest('[hidden], details:not([open])');
	}).map((e) => e.outerHTML.slice(0, 120));
})()`;

const edges = `[...document.querySelectorAll('button, .button, textarea, ' +
	'input[type=text], input[type=file]')].filter((e) => {
	const s = getComputedStyle(e);
	return !e.closest('.leave') && e.getBoundingClientRect().width &&
		(s.borderTopStyle === 'none' || parseFloat(s.borderTopWidth) < 1);
}).map((e) => e.outerHTML.slice(0, 120))`;

/* shots: how many of the kinds, in the order of their worth. */
const KINDS = ['phone-light', 'phone-dark', 'desk-light', 'desk-dark', 'narrow',
	'phone-200', 'phone-forced', 'phone-open', 'phone-bare'];

function shooter(page, p, folder) {
	return async (kind) => {
		if (KINDS.indexOf(kind) >= p.shots)
			return;
		const to = path.join(folder, kind);
		fs.mkdirSync(to, { recursive: true });
		await page.screenshot({ fullPage: true, path: path.join(to,
			`${p.name}.${p.lang}.png`) });
	};
}

async function look(page, p, folder) {
	const out = [];
	const shot = shooter(page, p, folder);

	await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
	await page.setViewportSize(PHONE);
	await shot('phone-light');
	out.push(...await spoken(page));
	out.push(...(await page.evaluate(small)).map(find('target')));
	await styled(page, TWICE, async () => {
		out.push(...(await page.evaluate(wide)).map(find('wide:200%')));
		await shot('phone-200');
	});
	await styled(page, SPACED, async () => {
		out.push(...(await page.evaluate(wide)).map(find('wide:spaced')));
	});
	await page.setViewportSize(NARROW);
	out.push(...(await page.evaluate(wide)).map(find('wide:320')));
	out.push(...(await page.evaluate(small)).map(find('target')));
	await shot('narrow');
	await page.setViewportSize(DESK);
	await shot('desk-light');
	await page.emulateMedia({ colorScheme: 'dark' });
	await shot('desk-dark');
	await page.setViewportSize(PHONE);
	await shot('phone-dark');
	await page.emulateMedia({ colorScheme: 'light',
		forcedColors: 'active' });
	out.push(...(await page.evaluate(edges)).map(find('edge')));
	await shot('phone-forced');
	await page.emulateMedia({ forcedColors: 'none' });
	if (p.shots > 1)
		out.push(...await keys(page));
	await shot('phone-open');
	out.push(...(await page.evaluate(small)).map(find('target')));
	out.push(...(await page.evaluate(bare)).map(find('bare')));
	await shot('phone-bare');
	return out;
}

module.exports = { PHONE, look };

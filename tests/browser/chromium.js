/* Debian's Chromium by Playwright, its scripts off; see drive.js. */
'use strict';
const { chromium } = require('playwright-core');

/* Nothing of the browser's own goes out while a page is looked at. */
const ARGS = ['--disable-background-networking', '--disable-component-update',
	'--disable-sync', '--disable-dev-shm-usage', '--no-first-run',
	'--disable-extensions', '--hide-scrollbars'];

function launch(more) {
	const root = process.getuid() === 0;

	return chromium.launch({
		executablePath: process.env.PELUIT_CHROMIUM,
		args: root ? [...ARGS, '--no-sandbox'] : ARGS,
		chromiumSandbox: !root,
		...more,
	});
}

class Chromium {
	async start({ socks, scripts, width, height }) {
		this.browser = await launch(socks &&
			{ proxy: { server: 'socks5://' + socks } });
		this.context = await this.browser.newContext({
			javaScriptEnabled: !!scripts,
			viewport: { width: width || 390, height: height || 844 },
		});
		this.page = await this.context.newPage();
		this.page.setDefaultTimeout(180000);
		this.seen = [];
		this.answers = [];
		this.context.on('request', (r) => this.seen.push(r.url()));
		this.context.on('response', (r) => this.keep(r));
	}

	/* What a page was, with the header that it stands under. */
	async keep(r) {
		const h = r.headers();
		const status = r.status();
		const top = r.frame() === this.page.mainFrame();

		if (!(h['content-type'] || '').startsWith('text/html') || !top)
			return;
		const answer = { method: r.request().method(), url: r.url(), status,
			csp: h['content-security-policy'] || '' };
		this.answers.push(answer);
		answer.html = await r.text().catch(() => null);
	}

	async open({ url }) {
		await this.page.goto(url, { waitUntil: 'load' });
	}

	/* The page, or the frame in it whose address ends so. */
	in(frame) {
		const found = frame === undefined ? this.page :
			this.page.frames().find((f) => f.url().endsWith(frame));

		if (!found)
			throw new Error('no frame ' + frame);
		return found;
	}

	async click({ css, stay, frame }) {
		const next = stay ? null : this.page.waitForEvent('load');

		await this.in(frame).locator(css).first().click({ noWaitAfter: true,
			timeout: 30000 });
		await next;
	}

	async press({ key, stay }) {
		const next = stay === false ? this.page.waitForEvent('load') : null;

		await this.page.keyboard.press(key);
		await next;
	}

	async type({ css, text, frame }) {
		await this.in(frame).locator(css).first().fill(text);
	}

	async files({ css, paths, frame }) {
		await this.in(frame).locator(css).first().setInputFiles(paths);
	}

	async run({ body, frame }) {
		return this.in(frame).evaluate(`(() => { ${body} })()`);
	}

	async shot({ path, full }) {
		await this.page.screenshot({ path, fullPage: !!full });
	}

	async size({ width, height }) {
		await this.page.setViewportSize({ width, height });
	}

	async back() {
		await this.page.goBack({ waitUntil: 'load' });
	}

	async close() {
		await this.browser.close();
	}
}

module.exports = { Browser: Chromium, launch };

/*
 * Debian's Firefox ESR by WebDriver BiDi over its own WebSocket, with what
 * Tor Browser's level Safest changes; see drive.js.
 */
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const WebSocket = require('ws');

/* Tor Browser's own, then what Safest adds, then silence of the browser. */
const PREFS = {
	'privacy.resistFingerprinting': true,
	'privacy.firstparty.isolate': true,
	'browser.privatebrowsing.autostart': true,
	'dom.security.https_only_mode': true,
	'dom.security.https_only_mode.upgrade_onion': false,
	'dom.securecontext.allowlist_onions': true,
	'network.dns.blockDotOnion': false,
	'network.http.referer.hideOnionSource': true,
	'network.prefetch-next': false,
	'network.dns.disablePrefetch': true,
	'network.http.speculative-parallel-limit': 0,
	'media.peerconnection.enabled': false,
	'webgl.disabled': true,

	'javascript.enabled': false,
	'svg.disabled': true,
	'mathml.disabled': true,
	'gfx.font_rendering.graphite.enabled': false,
	'gfx.font_rendering.opentype_svg.enabled': false,
	'gfx.downloadable_fonts.enabled': false,
	'media.webaudio.enabled': false,
	'media.autoplay.default': 5,
	'media.autoplay.blocking_policy': 2,
	'javascript.options.ion': false,
	'javascript.options.baselinejit': false,
	'javascript.options.native_regexp': false,
	'javascript.options.wasm': false,
	'javascript.options.asmjs': false,

	'app.normandy.enabled': false,
	'app.update.enabled': false,
	'browser.aboutwelcome.enabled': false,
	'browser.newtabpage.enabled': false,
	'browser.region.network.url': '',
	'browser.safebrowsing.downloads.enabled': false,
	'browser.safebrowsing.malware.enabled': false,
	'browser.safebrowsing.phishing.enabled': false,
	'browser.shell.checkDefaultBrowser': false,
	'browser.startup.homepage': 'about:blank',
	'browser.startup.page': 0,
	'datareporting.policy.dataSubmissionEnabled': false,
	'extensions.update.enabled': false,
	'network.captive-portal-service.enabled': false,
	'network.connectivity-service.enabled': false,
	'services.settings.server': 'http://127.0.0.1:9/',
	'toolkit.telemetry.enabled': false,
};

function profile(folder, socks, scripts) {
	const prefs = { ...PREFS };

	if (scripts)
		prefs['javascript.enabled'] = true;
	if (socks) {
		const [host, port] = socks.split(':');

		Object.assign(prefs, {
			'network.proxy.type': 1,
			'network.proxy.socks': host,
			'network.proxy.socks_port': +port,
			'network.proxy.socks_version': 5,
			'network.proxy.socks_remote_dns': true,
			'network.proxy.socks5_remote_dns': true,
			'network.proxy.failover_direct': false,
			'network.proxy.allow_hijacking_localhost': true,
		});
	}
	fs.writeFileSync(path.join(folder, 'user.js'),
		Object.entries(prefs).map(([k, v]) =>
			`user_pref(${JSON.stringify(k)}, ${JSON.stringify(v)});\n`).join(''));
}

const KEYS = { Enter: '\uE006', Tab: '\uE004', Space: ' ', Shift: '\uE008' };

class Firefox {
	async start({ folder, socks, scripts, width, height }) {
		profile(folder, socks, scripts);
		this.process = spawn('firefox-esr',
			['--headless', '--no-remote', '--remote-debugging-port', '0',
				'--profile', folder],
			{ stdio: ['ignore', 'ignore', 'pipe'],
				env: { ...process.env, HOME: folder } });
		const url = await this.address();
		this.calls = new Map();
		this.waits = [];
		this.seen = [];
		this.next = 1;
		this.socket = new WebSocket(url + '/session',
			{ perMessageDeflate: false, maxPayload: 1 << 28 });
		await new Promise((ok, bad) => {
			this.socket.on('open', ok);
			this.socket.on('error', bad);
		});
		this.socket.on('message', (m) => this.take(JSON.parse(m)));
		await this.call('session.new', { capabilities: { alwaysMatch: {
			unhandledPromptBehavior: { default: 'accept' } } } });
		const tree = await this.call('browsingContext.getTree', {});
		this.context = tree.contexts[0].context;
		await this.call('session.subscribe', { events: [
			'browsingContext.load', 'network.beforeRequestSent'] });
		await this.size({ width: width || 390, height: height || 844 });
	}

	/* "WebDriver BiDi listening on ws://127.0.0.1:PORT" */
	address() {
		return new Promise((ok, bad) => {
			let text = '';

			this.process.stderr.on('data', (d) => {
				text += d;
				const m = /listening on (ws:\/\/\S+)/.exec(text);
				if (m)
					ok(m[1]);
			});
			this.process.once('exit', () => bad(new Error(
				'firefox ended: ' + text.slice(-500))));
		});
	}

	take(m) {
		if (m.type === 'event') {
			if (m.method === 'network.beforeRequestSent' && m.params.context)
				this.seen.push(m.params.request.url);
			if (m.method === 'browsingContext.load' &&
			    m.params.context === this.context)
				this.waits.splice(0).forEach((f) => f());
			return;
		}
		const { ok, bad } = this.calls.get(m.id);
		this.calls.delete(m.id);
		if (m.type === 'error')
			bad(new Error(m.error + ': ' + m.message));
		else
			ok(m.result);
	}

	call(method, params) {
		const id = this.next++;

		return new Promise((ok, bad) => {
			this.calls.set(id, { ok, bad });
			this.socket.send(JSON.stringify({ id, method, params }));
		});
	}

	loaded() {
		return new Promise((ok) => this.waits.push(ok));
	}

	async open({ url }) {
		await this.call('browsingContext.navigate',
			{ context: this.context, url, wait: 'complete' });
	}

	/* The page's context, or of the frame in it whose address ends so. */
	async in(frame) {
		if (frame === undefined)
			return this.context;
		const tree = await this.call('browsingContext.getTree',
			{ root: this.context });
		const found = tree.contexts[0].children.find((c) =>
			c.url.endsWith(frame));

		if (!found)
			throw new Error('no frame ' + frame);
		return found.context;
	}

	async find(css, context) {
		const got = await this.call('browsingContext.locateNodes', {
			context, maxNodeCount: 1, locator: { type: 'css', value: css } });

		if (!got.nodes.length)
			throw new Error('nothing is ' + css);
		return { sharedId: got.nodes[0].sharedId };
	}

	act(actions, context) {
		return this.call('input.performActions',
			{ context: context || this.context, actions });
	}

	/* A scroll of the browser's own may still be under way: try again. */
	async point(css, frame) {
		for (let left = 20; ; left--) {
			try {
				return await this.press_at(css, frame);
			} catch (e) {
				if (!left || !/out of bounds/.test(e.message))
					throw e;
				await new Promise((ok) => setTimeout(ok, 100));
			}
		}
	}

	/* Until it stands where it stood a moment ago: a click on a page that
	 * still moves may go to its neighbour. */
	async still(css, frame) {
		let last = null;

		for (let left = 40; left; left--) {
			const now = await this.run({ frame, body:
				`const r = document.querySelector(${
					JSON.stringify(css)}).getBoundingClientRect();
				return r.x + " " + r.y` });
			if (now === last)
				return;
			last = now;
			await new Promise((ok) => setTimeout(ok, 40));
		}
	}

	async press_at(css, frame) {
		const context = await this.in(frame);
		const element = await this.find(css, context);

		await this.run({ frame, body: `document.querySelector(${
			JSON.stringify(css)}).scrollIntoView({block: "center"})` });
		await this.still(css, frame);
		await this.act([{ type: 'pointer', id: 'mouse', actions: [
			{ type: 'pointerMove', x: 0, y: 0,
				origin: { type: 'element', element } },
			{ type: 'pointerDown', button: 0 },
			{ type: 'pointerUp', button: 0 }] }], context);
	}

	async click({ css, stay, frame }) {
		const next = stay ? null : this.loaded();

		await this.point(css, frame);
		await next;
	}

	async press({ key, stay }) {
		const next = stay === false ? this.loaded() : null;
		const actions = [];
		const names = key.split('+').map((k) => KEYS[k] || k);

		names.forEach((k) => actions.push({ type: 'keyDown', value: k }));
		names.reverse().forEach((k) =>
			actions.push({ type: 'keyUp', value: k }));
		await this.act([{ type: 'key', id: 'keys', actions }]);
		await next;
	}

	/* By the keyboard, character by character; again if the page moved and
	 * the click before it went beside. */
	async type(order) {
		for (let left = 3; left; left--) {
			await this.keys(order);
			const value = await this.run({ frame: order.frame,
				body: `return document.querySelector(${
					JSON.stringify(order.css)}).value` });
			if (value === order.text)
				return;
		}
		throw new Error('what was typed is not in ' + order.css);
	}

	async keys({ css, text, frame }) {
		await this.point(css, frame);
		await this.run({ frame, body: `document.querySelector(${
			JSON.stringify(css)}).value = ""` });
		const actions = [];
		for (const c of text) {
			const value = c === '\n' ? KEYS.Enter : c;

			actions.push({ type: 'keyDown', value },
				{ type: 'keyUp', value });
		}
		await this.act([{ type: 'key', id: 'keys', actions }],
			await this.in(frame));
	}

	async files({ css, paths, frame }) {
		const context = await this.in(frame);

		await this.call('input.setFiles', { context,
			element: await this.find(css, context), files: paths });
	}

	/* In a sandbox of the browser's, which the page's lack of scripts
	 * does not touch. */
	async run({ body, frame }) {
		const got = await this.call('script.evaluate', {
			expression: `JSON.stringify((() => { ${body} })() ?? null)`,
			target: { context: await this.in(frame), sandbox: 'look' },
			awaitPromise: false });

		if (got.type !== 'success')
			throw new Error(got.exceptionDetails.text);
		return JSON.parse(got.result.value);
	}

	async shot({ path: to, full }) {
		const got = await this.call('browsingContext.captureScreenshot', {
			context: this.context,
			origin: full ? 'document' : 'viewport' });

		fs.writeFileSync(to, Buffer.from(got.data, 'base64'));
	}

	async size({ width, height }) {
		await this.call('browsingContext.setViewport',
			{ context: this.context, viewport: { width, height } });
	}

	async back() {
		const next = this.loaded();

		await this.call('browsingContext.traverseHistory',
			{ context: this.context, delta: -1 });
		await next;
	}

	async close() {
		const ended = new Promise((ok) => this.process.once('exit', ok));
		const late = setTimeout(() => this.process.kill('SIGKILL'), 10000);

		this.call('browser.close', {}).catch(() => {});
		await ended;
		clearTimeout(late);
	}
}

module.exports = { Browser: Firefox };

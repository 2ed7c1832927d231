import type { EgressProxy } from '@gleaner/egress';
import { type Browser as Chromium, type BrowserContext, chromium } from 'playwright-core';
import { Fault } from '@gleaner/domain';
import { PageRefusal } from '../fetch/refusal.js';

export interface BrowserDeps {
  /** Chromium or Chrome; null where none is installed. */
  readonly executablePath: string | null;
  /** All of the browser's traffic goes through it. */
  readonly proxy: EgressProxy;
  readonly userAgent: string;
  /** The browser's whole environment: it runs hostile pages, so it must not hold the keys and passwords of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A fresh context in a running browser, for one page. */
export interface BrowserLease {
  readonly context: BrowserContext;
  /** Closes the context, once; never throws. */
  release(): Promise<void>;
}

/** One Chromium, launched at the first use, replaced after 100 pages or when it dies. */
export interface Browser {
  /** Throws PageRefusal BROWSER_UNAVAILABLE where none is installed, and Fault BROWSER_FAILED when it does not start. */
  lease(): Promise<BrowserLease>;
  /** Ends the browser and refuses further leases. */
  close(): Promise<void>;
}

const MINIMAL_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin' };
const PAGES_PER_BROWSER = 100;
const LAUNCH_TIMEOUT_MS = 30_000;
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * The proxy is the boundary, so nothing may go round it: no direct UDP (WebRTC), no QUIC, no name resolution of the browser's
 * own; and nothing may leave that no page asked for.
 */
const ARGUMENTS: readonly string[] = [
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-quic',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  '--dns-prefetch-disable',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-pings',
  '--no-first-run',
  '--disable-gpu',
];

/**
 * Playwright switches Chromium's own guards off, for tests that must not meet them: against pages that change their address or open windows without
 * end, which would flood the process that watches them.
 */
const GUARDS_TO_KEEP: string[] = ['--disable-ipc-flooding-protection', '--disable-popup-blocking'];

interface Instance {
  readonly chromium: Chromium;
  pages: number;
  active: number;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function launch({ executablePath, proxy, environment = MINIMAL_ENVIRONMENT }: BrowserDeps): Promise<Chromium> {
  if (executablePath === null)
    throw new PageRefusal('BROWSER_UNAVAILABLE', 'no browser is installed: install Chromium or set CHROMIUM_PATH');
  try {
    return await chromium.launch({
      executablePath,
      env: { ...environment },
      // Chromium's sandbox does not run as root; anywhere else it stays on.
      chromiumSandbox: !isRoot(),
      args: [...ARGUMENTS],
      ignoreDefaultArgs: GUARDS_TO_KEEP,
      // Its credential is given by each page's guard: Playwright's own way does not work beside an interception.
      proxy: { server: proxy.server, bypass: '<-loopback>' },
      timeout: LAUNCH_TIMEOUT_MS,
      // The process that owns this browser handles its own signals and closes it.
      handleSIGHUP: false,
      handleSIGINT: false,
      handleSIGTERM: false,
    });
  } catch (cause) {
    throw new Fault('BROWSER_FAILED', { detail: 'the browser did not start', cause });
  }
}

async function openContext(browser: Chromium, userAgent: string): Promise<BrowserContext> {
  try {
    return await browser.newContext({
      userAgent,
      locale: 'en-US',
      serviceWorkers: 'block',
      acceptDownloads: false,
      permissions: [],
      viewport: { width: 1280, height: 1024 },
    });
  } catch (cause) {
    throw new Fault('BROWSER_FAILED', { detail: 'the browser gave no new context', cause });
  }
}

async function closeWithin(close: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CLOSE_TIMEOUT_MS);
  });
  // A close that fails found nothing left to close.
  const closed = close().then(
    () => true,
    () => true,
  );
  const isClosed = await Promise.race([closed, expiry]);
  clearTimeout(timer);
  return isClosed;
}

export function createBrowser(deps: BrowserDeps): Browser {
  let current: Promise<Instance> | null = null;
  let isClosed = false;
  const running = new Set<Instance>();

  async function start(): Promise<Instance> {
    const started: Instance = { chromium: await launch(deps), pages: 0, active: 0 };
    running.add(started);
    started.chromium.once('disconnected', () => {
      running.delete(started);
    });
    return started;
  }

  /** The instance that takes new pages; a dead or used-up one is replaced. */
  async function instance(): Promise<Instance> {
    if (isClosed) throw new Fault('BROWSER_FAILED', { detail: 'the browser was closed' });
    current ??= start();
    const starting = current;
    const found = await starting.catch((error: unknown) => {
      if (current === starting) current = null;
      throw error;
    });
    if (isClosed) throw new Fault('BROWSER_FAILED', { detail: 'the browser was closed' });
    if (found.chromium.isConnected() && found.pages < PAGES_PER_BROWSER) return found;
    if (current === starting) current = null;
    if (found.active === 0) await retire(found);
    return await instance();
  }

  async function retire(used: Instance): Promise<void> {
    running.delete(used);
    await used.chromium.close().catch(() => undefined); // it is gone already
  }

  async function release(used: Instance, context: BrowserContext): Promise<void> {
    const isGone = await closeWithin(() => context.close());
    used.active--;
    // A context that does not close has a renderer that hangs: only the end of its browser ends it.
    if (!isGone) used.pages = PAGES_PER_BROWSER;
    if (used.active === 0 && used.pages >= PAGES_PER_BROWSER) await retire(used);
  }

  return {
    async lease() {
      const used = await instance();
      used.pages++;
      used.active++;
      try {
        const context = await openContext(used.chromium, deps.userAgent);
        let released: Promise<void> | null = null;
        return { context, release: () => (released ??= release(used, context)) };
      } catch (error) {
        used.active--;
        throw error;
      }
    },
    async close() {
      isClosed = true;
      await current?.catch(() => undefined); // a browser that did not start needs no end
      current = null;
      await Promise.all([...running].map(retire));
    },
  };
}

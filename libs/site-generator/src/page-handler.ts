import type { IncomingMessage, ServerResponse } from 'node:http';
import { textHash } from './random.js';
import { type Resource, resourceAt } from './resource.js';
import type { ServedLog } from './served-log.js';
import type { SiteModel } from './site-model.js';
import { Throttle } from './throttle.js';

/** Answers requests for the pages of a site, with its delays, failures and refusals. */
export class PageHandler {
  /** Errors answered so far, for the pages that fail at first: a share of the pages. */
  private readonly failed = new Map<number, number>();
  private readonly throttle: Throttle | undefined;

  constructor(
    private readonly model: SiteModel,
    private readonly log: ServedLog,
  ) {
    const { throttle } = model.settings;
    this.throttle = throttle === undefined ? undefined : new Throttle(throttle);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const target = request.url ?? '/';
    response.once('close', this.log.begin(target, request.headers.host ?? '', performance.now()));
    const delayMs = this.delayMs(target);
    if (delayMs === 0) this.answer(request, response, target);
    else {
      const timer = setTimeout(() => this.answer(request, response, target), delayMs);
      response.once('close', () => clearTimeout(timer));
    }
  }

  private delayMs(target: string): number {
    const { latencyMs, latencyJitterMs, seed } = this.model.settings;
    return latencyJitterMs === 0 ? latencyMs : latencyMs + (latencyJitterMs * (textHash(seed, target) % 1_000)) / 1_000;
  }

  private answer(request: IncomingMessage, response: ServerResponse, target: string): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') return this.refuse(response, 405, { allow: 'GET, HEAD' });
    const retryAfter = this.throttle?.refusal(performance.now(), Date.now());
    if (retryAfter !== undefined) return this.refuse(response, 429, { 'retry-after': retryAfter });
    const resource = resourceAt(this.model, target);
    if (resource.page !== undefined && resource.status === 200 && this.failsNow(resource.page))
      return this.refuse(response, this.model.statusOf(resource.page, [503, 500]), {});
    return this.send(request, response, resource);
  }

  private failsNow(page: number): boolean {
    const wanted = this.model.failuresOf(page);
    const failed = this.failed.get(page) ?? 0;
    if (failed >= wanted) return false;
    this.failed.set(page, failed + 1);
    return true;
  }

  private refuse(response: ServerResponse, status: number, fields: Readonly<Record<string, string>>): void {
    this.log.answered(status, 0);
    response.writeHead(status, { 'content-length': '0', ...fields }).end();
  }

  private send(request: IncomingMessage, response: ServerResponse, resource: Resource): void {
    const validators = this.model.settings.validators ? validatorsOf(resource) : {};
    if (resource.status === 200 && isKnown(request, validators)) {
      this.log.answered(304, 0);
      response.writeHead(304, { ...validators }).end();
      return;
    }
    const made = resource.body();
    const body = typeof made === 'string' ? Buffer.from(made) : made;
    response.writeHead(resource.status, {
      'content-type': resource.contentType,
      'content-length': body.length,
      ...validators,
      ...(resource.location === undefined ? {} : { location: resource.location }),
    });
    const isHead = request.method === 'HEAD';
    this.log.answered(resource.status, isHead ? 0 : body.length);
    response.end(isHead ? undefined : body);
  }
}

interface Validators {
  readonly etag?: string;
  readonly 'last-modified'?: string;
}

function validatorsOf({ etag, modifiedMs }: Resource): Validators {
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(modifiedMs === undefined ? {} : { 'last-modified': new Date(modifiedMs).toUTCString() }),
  };
}

/** RFC 9110 §13.2.2: If-None-Match by weak comparison; If-Modified-Since only without it. */
function isKnown(request: IncomingMessage, validators: Validators): boolean {
  const tags = request.headers['if-none-match'];
  if (tags !== undefined && validators.etag !== undefined)
    return tags.trim() === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === validators.etag);
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  return tags === undefined && validators['last-modified'] !== undefined && since >= Date.parse(validators['last-modified']);
}

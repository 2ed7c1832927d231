import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@gleaner/telemetry';
import { SEARCH_ATTRIBUTES } from '@gleaner/workflows/contract';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Client } from '@temporalio/client';
import { LOG } from '../platform/platform.module.js';
import { GRPC, grpcCodeOf } from './temporal-client.js';

const RETRY_MS = 1_000;
const CALL_TIMEOUT_MS = 5_000;
/** An operator of that server has to do it. */
const NOT_OURS: ReadonlySet<number> = new Set([GRPC.permissionDenied, GRPC.unimplemented]);
/** `temporal.api.enums.v1.IndexedValueType` KEYWORD: the type of all our attributes. */
const KEYWORD = 2;

/** Registers the typed search attributes, so that jobs can be found in the Temporal Web UI by kind, site, owner and stage. */
@Injectable()
export class SearchAttributes implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly closing = new AbortController();
  private readonly names = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);
  /** The try that runs, or the last one. */
  private attempt: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: Client,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    void this.keepTrying();
  }

  beforeApplicationShutdown(): void {
    this.closing.abort();
  }

  /** Settles with the try that runs: a workflow that starts before the registration would be refused. Rejects when Temporal is away. */
  ready(): Promise<void> {
    return this.attempt;
  }

  private async keepTrying(): Promise<void> {
    for (let attempt = 1; !this.closing.signal.aborted; attempt++) {
      try {
        this.attempt = this.register();
        await this.attempt;
        return;
      } catch (error) {
        if (NOT_OURS.has(grpcCodeOf(error) ?? -1)) {
          this.log.error(
            { names: this.names, namespace: this.client.options.namespace },
            'not permitted to register search attributes: an operator must create them as Keyword, jobs cannot start before',
          );
          this.attempt = Promise.resolve();
          return;
        }
        if (attempt === 1 || attempt % 30 === 0) this.log.warn({ err: error, attempt }, 'Temporal does not answer yet; trying again');
        // The sleep ends early when the process stops; the loop ends with it.
        await sleep(RETRY_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }

  private async register(): Promise<void> {
    const {
      connection,
      options: { namespace },
    } = this.client;
    await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, async () => {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      const missing = this.names.filter((name) => !Object.hasOwn(customAttributes ?? {}, name));
      if (missing.length === 0) return;
      await connection.operatorService
        .addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])) })
        .catch(ignoreExisting);
      this.log.info({ names: missing, namespace }, 'search attributes registered');
    });
  }
}

/** Another process of ours was faster. */
function ignoreExisting(error: unknown): void {
  if (grpcCodeOf(error) !== GRPC.alreadyExists) throw error;
}

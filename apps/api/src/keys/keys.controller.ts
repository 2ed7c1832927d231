import type { ApiKeyDetails, ApiKeyRecord, IssuedKey, KeyRegister, Page } from '@gleaner/domain';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { KeyCache } from '../http/key-cache.js';
import { Caller } from '../http/key.guard.js';
import { Operation } from '../http/operation.js';
import { invalidInput } from '../http/problem.js';
import { KEY_REGISTER } from '../platform/platform.module.js';
import {
  IssuedKeySchema,
  type KeyDraftBody,
  KeyDraftSchema,
  type KeyListQuery,
  KeyListQuerySchema,
  KeyListSchema,
  KeySchema,
  type RotationBody,
  RotationSchema,
} from './key.dto.js';

const BODY_ERRORS = ['MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const;

type IssuedKeyView = ApiKeyDetails & { readonly secret: string };

@Controller('api/v1/keys')
export class KeysController {
  constructor(
    @Inject(KEY_REGISTER) private readonly keys: KeyRegister,
    private readonly cache: KeyCache,
  ) {}

  @Get()
  @Operation({
    tag: 'Keys',
    summary: 'List API keys, newest first',
    description: 'Also revoked and expired ones, for 30 days.',
    access: 'admin',
    takesQuery: true,
    answers: [{ status: 200, description: 'A page of keys', schema: KeyListSchema }],
    errors: [],
  })
  list(@Query({ schema: KeyListQuerySchema }) { cursor, limit, owner }: KeyListQuery): Promise<Page<ApiKeyDetails>> {
    return this.keys.list(owner === undefined ? {} : { ownerId: owner }, { limit, ...(cursor === undefined ? {} : { cursor }) });
  }

  @Post()
  @Operation({
    tag: 'Keys',
    summary: 'Create an API key',
    description: 'The secret is in this answer and nowhere else.',
    access: 'admin',
    answers: [{ status: 201, description: 'The key with its secret', schema: IssuedKeySchema }],
    errors: [...BODY_ERRORS, 'CONFLICT'],
  })
  async create(@Caller() caller: ApiKeyRecord, @Body({ schema: KeyDraftSchema }) draft: KeyDraftBody): Promise<IssuedKeyView> {
    const { name, scopes, ownerId = caller.ownerId } = draft;
    return issued(await this.keys.create({ ownerId, name, scopes, expiresAt: expiryOf(draft, Date.now()) }));
  }

  @Get(':id')
  @Operation({
    tag: 'Keys',
    summary: 'Read an API key',
    access: 'admin',
    answers: [{ status: 200, description: 'The key', schema: KeySchema }],
    errors: ['NOT_FOUND'],
  })
  get(@Param('id') id: string): Promise<ApiKeyDetails> {
    return this.keys.get(id);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Operation({
    tag: 'Keys',
    summary: 'Give an API key a new secret',
    description:
      'The old secret is valid for the grace period besides the new one; one that is older ends at once. The new secret is in this answer and nowhere else.',
    access: 'admin',
    answers: [{ status: 200, description: 'The key with its new secret', schema: IssuedKeySchema }],
    errors: [...BODY_ERRORS, 'NOT_FOUND', 'CONFLICT'],
  })
  async rotate(@Param('id') id: string, @Body({ schema: RotationSchema }) { graceSeconds }: RotationBody): Promise<IssuedKeyView> {
    const rotated = issued(await this.keys.rotate(id, graceSeconds));
    this.cache.forget(id);
    return rotated;
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @Operation({
    tag: 'Keys',
    summary: 'Revoke an API key',
    description: 'Both its secrets end: in this process at once, in others within 10 seconds.',
    access: 'admin',
    answers: [{ status: 200, description: 'The key', schema: KeySchema }],
    errors: ['NOT_FOUND', 'CONFLICT'],
  })
  async revoke(@Param('id') id: string): Promise<ApiKeyDetails> {
    const revoked = await this.keys.revoke(id);
    this.cache.forget(id);
    return revoked;
  }
}

/** Years that have more than four digits are no times for a database. */
const MAX_LIFE_MS = 100 * 365 * 86_400_000;

function expiryOf({ expiresAt }: KeyDraftBody, now: number): string | null {
  if (expiresAt === undefined) return null;
  const time = Date.parse(expiresAt);
  if (!(time > now && time < now + MAX_LIFE_MS)) throw invalidInput([{ path: 'expiresAt', message: 'must be within the next 100 years' }]);
  return new Date(time).toISOString();
}

function issued({ key, secret }: IssuedKey): IssuedKeyView {
  return { ...key, secret };
}

import { NO_OVERRIDES, type UserRecord, type UserRegister, limitsInForce } from '@gleaner/domain';
import { Body, Controller, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import type { ApiConfig } from '../config.js';
import { Operation } from '../http/operation.js';
import { API_CONFIG, USER_REGISTER } from '../platform/platform.module.js';
import {
  type PageQuery,
  PageQuerySchema,
  type UserChange,
  UserChangeSchema,
  type UserDraft,
  UserDraftSchema,
  UserListSchema,
  UserSchema,
  type UserView,
} from './user.dto.js';

const BODY_ERRORS = ['MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const;

@Controller('api/v1/users')
export class UsersController {
  constructor(
    @Inject(USER_REGISTER) private readonly users: UserRegister,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  @Get()
  @Operation({
    tag: 'Users',
    summary: 'List users, newest first',
    access: 'admin',
    takesQuery: true,
    answers: [{ status: 200, description: 'A page of users', schema: UserListSchema }],
    errors: [],
  })
  async list(@Query({ schema: PageQuerySchema }) { cursor, limit }: PageQuery): Promise<{ items: UserView[]; next: string | null }> {
    const { items, next } = await this.users.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    return { items: items.map((user) => this.view(user)), next };
  }

  @Post()
  @Operation({
    tag: 'Users',
    summary: 'Add a user',
    description: 'An owner of jobs, documents and keys; nobody else sees them. Give it a key next.',
    access: 'admin',
    answers: [{ status: 201, description: 'The user', schema: UserSchema }],
    errors: [...BODY_ERRORS, 'CONFLICT'],
  })
  async create(@Body({ schema: UserDraftSchema }) draft: UserDraft): Promise<UserView> {
    return this.view(await this.users.create({ name: draft.name, limits: { ...NO_OVERRIDES, ...given(draft.limits) } }));
  }

  @Get(':id')
  @Operation({
    tag: 'Users',
    summary: 'Read a user',
    access: 'admin',
    answers: [{ status: 200, description: 'The user', schema: UserSchema }],
    errors: ['NOT_FOUND'],
  })
  async get(@Param('id') id: string): Promise<UserView> {
    return this.view(await this.users.get(id));
  }

  @Patch(':id')
  @Operation({
    tag: 'Users',
    summary: 'Change the name or limits of a user',
    description: 'What is not named stays. Request rates follow within 10 seconds, the other limits at once.',
    access: 'admin',
    answers: [{ status: 200, description: 'The user', schema: UserSchema }],
    errors: [...BODY_ERRORS, 'NOT_FOUND'],
  })
  async change(@Param('id') id: string, @Body({ schema: UserChangeSchema }) { name, limits }: UserChange): Promise<UserView> {
    return this.view(
      await this.users.change(id, { ...(name === undefined ? {} : { name }), ...(limits === undefined ? {} : { limits: given(limits) }) }),
    );
  }

  private view(user: UserRecord): UserView {
    return { ...user, limitsInForce: limitsInForce(user.limits, this.config.limits.owners) };
  }
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Leaves out what was not named: ports take absent fields, not undefined ones. */
function given<T extends object>(fields: T | undefined): Given<T> {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== undefined)) as Given<T>;
}

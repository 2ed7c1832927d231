import type { ApiKeys } from '@gleaner/domain';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { RequestRate } from '../limits/request-rate.service.js';
import { API_KEYS } from '../platform/platform.module.js';
import { Admission } from './admission.service.js';
import { KeyCache } from './key-cache.js';
import { KeyGuard } from './key.guard.js';
import { NoQueryGuard } from './no-query.guard.js';
import { ProblemFilter } from './problem.filter.js';
import { RouteTable } from './route-table.js';
import { validationPipe } from './validation.js';

/** What every request passes: key, rate, query, validation, and the one way out for errors. */
@Module({})
export class HttpModule {
  static of(routes: RouteTable): DynamicModule {
    return {
      module: HttpModule,
      global: true,
      exports: [Admission, KeyCache],
      providers: [
        { provide: RouteTable, useValue: routes },
        { provide: KeyCache, useFactory: (keys: Pick<ApiKeys, 'authenticate'>) => new KeyCache(keys), inject: [API_KEYS] },
        RequestRate,
        Admission,
        { provide: APP_GUARD, useClass: KeyGuard },
        { provide: APP_GUARD, useClass: NoQueryGuard },
        { provide: APP_PIPE, useFactory: validationPipe },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}

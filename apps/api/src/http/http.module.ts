import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { KeyGuard } from './key.guard.js';
import { NoQueryGuard } from './no-query.guard.js';
import { ProblemFilter } from './problem.filter.js';
import { RouteTable } from './route-table.js';
import { validationPipe } from './validation.js';

/** What every request passes: key, query, validation, and the one way out for errors. */
@Module({})
export class HttpModule {
  static of(routes: RouteTable): DynamicModule {
    return {
      module: HttpModule,
      providers: [
        { provide: RouteTable, useValue: routes },
        { provide: APP_GUARD, useClass: KeyGuard },
        { provide: APP_GUARD, useClass: NoQueryGuard },
        { provide: APP_PIPE, useFactory: validationPipe },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}

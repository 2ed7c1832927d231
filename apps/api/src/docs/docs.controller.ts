import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Operation } from '../http/operation.js';
import { errorsPage } from './errors-page.js';

@ApiExcludeController()
@Controller('docs')
export class DocsController {
  private readonly page = errorsPage();

  @Get('errors')
  @Header('content-type', 'text/html; charset=utf-8')
  @Operation({
    tag: 'Docs',
    summary: 'Every error code, for people',
    access: 'public',
    answers: [{ status: 200, description: 'HTML' }],
    errors: [],
  })
  errors(): string {
    return this.page;
  }
}

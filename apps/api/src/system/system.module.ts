import { Module } from '@nestjs/common';
import { SystemController } from './system.controller.js';
import { TemporalPools } from './temporal-pools.service.js';

@Module({ controllers: [SystemController], providers: [TemporalPools] })
export class SystemModule {}

import { Module } from '@nestjs/common';
import { Reconciler } from './reconciler.service.js';

@Module({ providers: [Reconciler] })
export class ReconcilerModule {}

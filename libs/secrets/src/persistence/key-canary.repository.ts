import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { KeyCanaryEntity } from './key-canary.entity.js';

/** Reads and writes canaries. */
@Injectable()
export class KeyCanaryRepository {
  constructor(@InjectRepository(KeyCanaryEntity) private readonly rows: Repository<KeyCanaryEntity>) {}

  all(): Promise<KeyCanaryEntity[]> {
    return this.rows.find();
  }

  /** Keeps the canary that is there when another process was first. */
  async addIfAbsent(keyId: string, sealed: Buffer): Promise<void> {
    await this.rows.createQueryBuilder().insert().values({ keyId, sealed }).orIgnore().execute();
  }
}

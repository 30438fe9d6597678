import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Not, type Repository } from 'typeorm';
import { KeyCanaryEntity } from './key-canary.entity.js';

/** Reads and writes canaries. */
@Injectable()
export class KeyCanaryRepository {
  constructor(@InjectRepository(KeyCanaryEntity) private readonly rows: Repository<KeyCanaryEntity>) {}

  all(): Promise<KeyCanaryEntity[]> {
    return this.rows.find();
  }

  /** Forgets keys that seal nothing any more. */
  async keepOnly(keyIds: readonly string[]): Promise<void> {
    await this.rows.delete({ keyId: Not(In(keyIds)) });
  }

  /** Keeps the canary that is there when another process was first. */
  async addIfAbsent(keyId: string, sealed: Buffer): Promise<void> {
    await this.rows.createQueryBuilder().insert().values({ keyId, sealed }).orIgnore().execute();
  }
}

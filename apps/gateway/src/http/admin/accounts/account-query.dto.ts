import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { PageQuery } from '../paging.dto.js';

/** Which accounts are wanted. */
export class AccountQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Name or id of a provider' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  provider?: string;

  @ApiPropertyOptional({ description: 'A word of `state.human` or `state.machine`' })
  @IsOptional()
  @IsString()
  @MaxLength(32)
  state?: string;

  @ApiPropertyOptional({ description: 'Part of the name, in any case' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  name?: string;

  @ApiPropertyOptional({ description: 'Accounts of this quota group' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  quotaGroupId?: string;
}

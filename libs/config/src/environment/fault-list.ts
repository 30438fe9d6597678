import type { ConfigurationFault } from '../config.errors.js';
import type { Reader, Reading } from './reading.js';
import type { SettingName, SettingValue } from './settings.js';
import { settings } from './settings.js';

/** The variables of a process, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables and collects what is wrong with them. A variable that is empty counts as unset. */
export class FaultList {
  readonly faults: ConfigurationFault[] = [];

  constructor(private readonly environment: Environment) {}

  /** The trimmed text of a variable, or `null` when it is unset or empty. */
  text(name: string): string | null {
    const text = this.environment[name]?.trim() ?? '';
    return text === '' ? null : text;
  }

  /** Reads a variable that has a default. After a fault the default stands in, so that the others can be read too. */
  value<Name extends SettingName>(name: Name): SettingValue<Name> {
    const { read, default: fallback } = settings[name];
    if (fallback === null) throw new TypeError(`${name} has no default`);
    const usual = (read as Reader<SettingValue<Name>>)(fallback);
    if ('fault' in usual) throw new TypeError(`the default of ${name} ${usual.fault}`);
    return this.optional(name) ?? usual.value;
  }

  /** Reads a variable whose absence means something of its own. */
  optional<Name extends SettingName>(name: Name): SettingValue<Name> | null {
    return this.read(name, settings[name].read as Reader<SettingValue<Name>>);
  }

  /** @returns `null` when the variable is unset or at fault */
  read<Value>(name: string, read: Reader<Value>): Value | null {
    const text = this.text(name);
    return text === null ? null : this.keep(name, read(text));
  }

  keep<Value>(name: string, reading: Reading<Value>): Value | null {
    if ('value' in reading) return reading.value;
    this.faults.push({ name, message: reading.fault });
    return null;
  }
}

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Another process of this bench; it ends with this one. */
export interface BenchChild<ToChild, FromChild> {
  readonly pid: number;
  send(message: ToChild): void;
  next(): Promise<FromChild>;
  stop(): Promise<void>;
}

/**
 * Starts a script of this directory with the options this process was started with.
 *
 * @param script file name
 */
export function forkChild<ToChild extends object, FromChild>(
  script: string,
  args: readonly string[] = [],
): BenchChild<ToChild, FromChild> {
  const child = fork(new URL(script, import.meta.url), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const inbox = inboxOf<FromChild>(child, script);
  return {
    pid: child.pid ?? 0,
    send: (message) => void child.send(message),
    next: inbox,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function inboxOf<Message>(child: ChildProcess, name: string): () => Promise<Message> {
  const arrived: Message[] = [];
  let waiting: { resolve(message: Message): void; reject(error: Error): void } | null = null;
  child.on('message', (message) => {
    if (waiting === null) arrived.push(message as Message);
    else waiting.resolve(message as Message);
    waiting = null;
  });
  child.on('exit', () => waiting?.reject(new Error(`${name} ended`)));
  return () => {
    const next = arrived.shift();
    if (next !== undefined) return Promise.resolve(next);
    return new Promise((resolve, reject) => (waiting = { resolve, reject }));
  };
}

/** In a child: says something to the bench, and ends when the bench does. */
export function tellBench(message: object): void {
  process.send?.(message);
}

/** In a child: the bench is gone, so there is nobody to work for. */
export function endWithBench(): void {
  process.on('disconnect', () => process.exit(0));
}

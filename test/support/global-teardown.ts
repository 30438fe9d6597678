/** Runs once after all specs. */
export default function globalTeardown(): void {}

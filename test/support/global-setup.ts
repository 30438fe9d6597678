/** Runs once before all specs. */
export default function globalSetup(): void {}

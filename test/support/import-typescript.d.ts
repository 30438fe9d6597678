/** Imports a TypeScript module; the specifier is relative to this directory. */
export declare function importTypeScript(specifier: string): Promise<unknown>;

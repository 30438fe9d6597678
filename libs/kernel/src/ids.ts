declare const brand: unique symbol;

/** A string that may only be used where an id of this kind is meant. */
export type Id<Name extends string> = string & { readonly [brand]: Name };

/** One provider row: a kind with a base URL; UUID v7. */
export type ProviderId = Id<'Provider'>;
/** One provider account, the thing that is scheduled; UUID v7, or `static:<n>` for accounts of the environment. */
export type AccountId = Id<'Account'>;
/** One system API key, what callers present; UUID v7. */
export type ApiKeyId = Id<'ApiKey'>;
/** One call of a client, whatever number of attempts it took; UUID v7, also the `x-request-id`. */
export type CallId = Id<'Call'>;
/** One route: a public model name; UUID v7. */
export type RouteId = Id<'Route'>;

/** Marks a text that came from outside (a row, a URL) as an id of the wanted kind; checks nothing. */
export const asId = <Name extends string>(text: string): Id<Name> => text as Id<Name>;

/** The gateway's admin API, as far as the demo needs it. */
export class AdminApi {
  constructor(
    private readonly gatewayUrl: string,
    private readonly adminKey: string,
    private readonly interrupted: AbortSignal,
  ) {}

  /** @throws Error quoting the answer when it is no success; the reason of the interruption */
  get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path);
  }

  /** @throws Error quoting the answer when it is no success; the reason of the interruption */
  post<T>(path: string, body: object): Promise<T> {
    return this.send<T>('POST', path, JSON.stringify(body));
  }

  private async send<T>(method: string, path: string, body?: string): Promise<T> {
    const answer = await fetch(`${this.gatewayUrl}/admin/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.adminKey}`, 'content-type': 'application/json' },
      body: body ?? null,
      signal: this.interrupted,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /admin/v1${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text) as T;
  }
}

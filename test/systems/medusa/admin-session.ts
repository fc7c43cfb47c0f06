type Data = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- answers of another program

/** Calls of a Medusa server by somebody who has signed in, or by a shopper. */
export class MedusaSession {
  constructor(
    private readonly base: string,
    private readonly headers: Record<string, string>,
  ) {}

  static async signedIn(base: string, account: { email: string; password: string }): Promise<MedusaSession> {
    const { token } = await new MedusaSession(base, {}).post('/auth/user/emailpass', account);
    return new MedusaSession(base, { authorization: `Bearer ${token}` });
  }

  get(path: string): Promise<Data> {
    return this.send('GET', path);
  }

  post(path: string, body: Data = {}): Promise<Data> {
    return this.send('POST', path, body);
  }

  delete(path: string): Promise<Data> {
    return this.send('DELETE', path);
  }

  private async send(method: string, path: string, body?: Data): Promise<Data> {
    const answer = await fetch(`${this.base}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...this.headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const data = (await answer.json()) as Data;
    if (!answer.ok) throw new MedusaRefusal(`${method} ${path}: ${answer.status} ${JSON.stringify(data)}`);
    return data;
  }
}

export class MedusaRefusal extends Error {}

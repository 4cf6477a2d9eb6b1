import type { JsonObject } from '../../src/core/json.ts';
import type { Authenticator } from './authenticator.ts';
import type { Answered, Asking } from './console-site.ts';

/** A form of a page, as a browser reads it. */
export interface ReadForm {
  readonly action: string;
  readonly method: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Of `data-passkey-get`, by the value of the button. */
  readonly toSign?: Readonly<Record<string, JsonObject>>;
  /** Of `data-passkey-create`. */
  readonly toCreate?: JsonObject;
}

/** A site over HTTP. */
export interface BrowsedSite {
  readonly origin: string;
  readonly ask: (path: string, asking?: Asking) => Promise<Answered>;
}

/** What a browser is to a site, without one: it keeps cookies and fills in forms. */
export class ConsoleBrowser {
  readonly site: BrowsedSite;
  readonly cookies = new Map<string, string>();

  constructor(site: BrowsedSite) {
    this.site = site;
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return this.#kept(await this.site.ask(path, { headers: { ...this.#cookie(), ...headers } }));
  }

  async post(
    path: string,
    fields: Readonly<Record<string, string>> | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered> {
    return this.#kept(
      await this.site.ask(path, {
        method: 'POST',
        body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
        headers: {
          origin: new URL(this.site.origin).origin,
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/x-www-form-urlencoded',
          ...this.#cookie(),
          ...headers,
        },
      }),
    );
  }

  /** The one form of a page that posts to an address with this end. */
  async form(path: string, action: string): Promise<ReadForm> {
    return formIn(await this.get(path), action, path);
  }

  /** Signs in with a key. @returns the answer to the form */
  async signIn(key: Authenticator, path = '/sign-in'): Promise<Answered> {
    const form = await this.form(path, 'sign-in');
    return this.post('/sign-in', signedFields(form, key));
  }

  #cookie(): Record<string, string> {
    if (this.cookies.size === 0) return {};
    return { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
  }

  #kept(answer: Answered): Answered {
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0(?:;|$)/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }
}

/** The fields of a form after the page's script has asked the passkey. */
export function signedFields(form: ReadForm, key: Authenticator, button = '*'): Record<string, string> {
  const options = form.toSign?.[button];
  if (!options) throw new Error(`The form ${form.action} is not signed.`);
  return { ...form.fields, assertion: JSON.stringify(key.assert(options)) };
}

export function formIn({ text }: Answered, action: string, path = ''): ReadForm {
  const found = formsIn(text).filter((form) => form.action.endsWith(action));
  if (found.length !== 1 || !found[0])
    throw new Error(`${path} has ${found.length} forms to ${action}: ${text}`);
  return found[0];
}

/** The forms of a request's page: the one that a passkey signs, and the one that is proven by the typed name. */
export function decisionForms({ text }: Answered): { readonly signed?: ReadForm; readonly typed?: ReadForm } {
  const forms = formsIn(text).filter((form) => form.action.endsWith('/decision'));
  const signed = forms.find((form) => form.toSign);
  const typed = forms.find((form) => 'confirm' in form.fields);
  return { ...(signed ? { signed } : {}), ...(typed ? { typed } : {}) };
}

export function formsIn(html: string): readonly ReadForm[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, tag = '', inside = '']) => {
    const attributes = attributesOf(tag);
    const fields: Record<string, string> = {};
    for (const [, input = ''] of inside.matchAll(/<input\b([^>]*)>/g)) {
      const { name, value = '' } = attributesOf(input);
      if (name !== undefined) fields[name] = value;
    }
    const sign = attributes['data-passkey-get'];
    const create = attributes['data-passkey-create'];
    return {
      action: attributes['action'] ?? '',
      method: attributes['method'] ?? 'get',
      fields,
      ...(sign === undefined ? {} : { toSign: JSON.parse(sign) }),
      ...(create === undefined ? {} : { toCreate: JSON.parse(create) }),
    };
  });
}

function attributesOf(tag: string): Record<string, string> {
  return Object.fromEntries(
    [...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescaped(value)]),
  );
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? '');
}

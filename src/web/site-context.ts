import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { SignOnReceipt } from '../core/entry.ts';
import type { Access } from '../guard/ports.ts';
import type { KeyHolder } from '../reviewers/api-keys.ts';
import type { LiveSession } from '../reviewers/sessions.ts';
import type { Problem } from './problems.ts';
import type { Layout } from './views/layout.ts';
import type { Html } from './views/segments.ts';

/** Who is signed in, with what every page of the console says of them. */
export interface Visitor {
  readonly session: LiveSession;
  /** How many requests and invitations wait for them. */
  readonly waiting: number;
  /** How many changed definitions wait that they may accept. */
  readonly changed: number;
  /** Whether they may see evidence. */
  readonly evidence: boolean;
}

export interface Env {
  Bindings: Partial<HttpBindings>;
  /** `visitor` only below `/console`, and there always; `caller` only below `/api/v1`. */
  Variables: { visitor?: Visitor; caller?: KeyHolder };
}
export type Ctx = Context<Env>;

/** What the pages of the site have in common. */
export interface SiteKit {
  /** The way from the page that is asked for up to the site's root, such as `../`. */
  readonly rootOf: (c: Ctx) => string;
  /** A problem as a page, or as problem details where a program asks. */
  readonly refuse: (c: Ctx, problem: Problem) => Response | Promise<Response>;
  /** What stands around a page that is shown by this access, such as the console's navigation; nothing for a link. */
  readonly frame: (c: Ctx, access: Access) => Partial<Omit<Layout, 'title' | 'root' | 'main'>>;
  /** Whose tries are counted where nobody is known: the address of the other end. */
  readonly addressOf: (c: Ctx) => string;
}

/** What is shown beside the request. */
export interface ShownWith {
  /** Above the request. */
  readonly problem?: Problem;
  /** What was typed into the form that is shown again. */
  readonly reason?: string;
  /** Below the request. */
  readonly after?: Html;
}

/**
 * The page of one request and what is posted from it, the same behind a link and in the console. Bodies have been
 * checked for their type and size before; a failure that is no refusal of the form is thrown.
 */
export interface RequestRoutes {
  /** Where the request is seen by a session, its story stands below it. */
  readonly show: (c: Ctx, access: Access, extra?: ShownWith) => Promise<Response>;
  readonly decide: (c: Ctx, access: Access) => Promise<Response>;
  /** Answers with the secrets of the call, once; nothing of them is ever shown by a GET. */
  readonly reveal: (c: Ctx, access: Access) => Promise<Response>;
  readonly reconcile: (c: Ctx, access: Extract<Access, { readonly kind: 'session' }>) => Promise<Response>;
  /** The page with a form that carries the sign-on, which holds for this access, its person and a short time. */
  readonly showSignedOn: (c: Ctx, access: Access, signOn: SignOnReceipt) => Promise<Response>;
}

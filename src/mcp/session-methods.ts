import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError, type Caller, type Intercept, type OfferedTool } from '../guard/ports.ts';
import type { ClientHello, ServerNotification } from './client-side.ts';
import { greeting, helloOf } from './greeting.ts';
import type { Link } from './link.ts';
import { createLinks } from './links.ts';
import { createListAnswers } from './list-answers.ts';
import { followLists } from './list-changes.ts';
import { createLoggingLevel } from './logging-level.ts';
import type { CatalogueView, OfferView } from './offers.ts';
import { unmarked, withoutOurMarks } from './own-marks.ts';
import { createOwners } from './owners.ts';
import type { SessionConnections } from './server-side.ts';
import type { Asked } from './session.ts';
import { GUARDED_TOOLS } from './servers.ts';
import { createSessionTasks } from './session-tasks.ts';
import { createToolCalls } from './tool-calls.ts';

export interface SessionMethods {
  /** @throws RpcError */
  answer(asked: Asked): Promise<Verbatim>;
  /** Something that a downstream says. */
  notified(notification: ServerNotification): void;
  close(): void;
}

/** What the methods of one session have in common. */
export interface SessionContext {
  readonly link: Link;
  readonly intercept: Intercept;
  readonly connections: SessionConnections;
  readonly hello: () => ClientHello;
  readonly caller: () => Caller;
  readonly mayHold: (tool: OfferedTool) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly software: string;
  /** What is offered to this client. */
  readonly view: () => OfferView;
}

const INVALID_REQUEST = -32600;
const METHOD_NOT_FOUND = -32601;
/** The result of a task comes when it is there. */
const TASK_MS = 24 * 60 * 60_000;
const NOTHING = Verbatim.of({});

/** Every method that a client may ask for: answered here, or by the downstream whose matter it is. */
export function createSessionMethods(
  options: Omit<SessionContext, 'view'> & {
    readonly catalogue: CatalogueView;
    /** The client has said who it is. */
    readonly greet: (hello: ClientHello) => void;
  },
): SessionMethods {
  const { catalogue, link, connections, software } = options;
  let current = catalogue.viewFor(options.hello());
  let unsubscribe = subscribe();
  let initialized = false;
  const context: SessionContext = { ...options, view: () => current };
  const owners = createOwners(context);
  const links = createLinks({ view: context.view, owners });
  const tasks = createSessionTasks({ ...context, links });
  const tools = createToolCalls({ context, links, tasks });
  const lists = createListAnswers({ context, owners });
  const level = createLoggingLevel(context);

  function subscribe(): () => void {
    return followLists({ view: current, connections, tell });
  }

  function tell(method: string, params?: JsonObject, related?: string | number): void {
    link.send(
      { kind: 'notification', method, ...(params === undefined ? {} : { params }) },
      related === undefined ? {} : { related },
    );
  }

  async function initialize(params: JsonObject): Promise<Verbatim> {
    // Each set of capabilities has every server asked anew, by a process of its own.
    if (initialized) {
      throw new RpcError({
        code: INVALID_REQUEST,
        message: 'This session is initialized already; open another one to say something else.',
      });
    }
    initialized = true;
    options.greet(helloOf(params, options.hello()));
    unsubscribe();
    current = catalogue.viewFor(options.hello());
    unsubscribe = subscribe();
    await current.ready();
    return Verbatim.of(greeting({ asked: params.protocolVersion, view: current, software }));
  }

  /** Passes a request on to the server whose matter it is, with whatever had to be named as that server names it. */
  async function pass(server: string, asked: Asked, params: JsonObject = asked.params): Promise<Verbatim> {
    const downstream = await connections.to(server);
    const { method, signal, id: message_id, onProgress } = asked;
    const request = { method, params, signal, message_id, ...(onProgress ? { onProgress } : {}) };
    const patience = method === 'tasks/result' ? { timeout_ms: TASK_MS } : {};
    return withoutOurMarks(await downstream.request({ ...request, ...patience }));
  }

  /** Nobody else can be meant, or nobody is. */
  function unknown(asked: Asked): Promise<Verbatim> {
    const [only, another] = current
      .offers()
      .filter(({ server, hello }) => hello !== undefined && server !== GUARDED_TOOLS);
    if (only && !another && !isReserved(asked.method)) return pass(only.server, asked);
    throw new RpcError({ code: METHOD_NOT_FOUND, message: 'Method not found' });
  }

  return {
    answer(asked) {
      const { method, params } = asked;
      switch (method) {
        case 'tools/call':
          return tools.call(asked);
        case 'tools/list':
          return tools.list();
        case 'initialize':
          return initialize(params);
        case 'ping':
          return Promise.resolve(NOTHING);
        case 'prompts/list':
        case 'resources/list':
        case 'resources/templates/list':
          return lists.answer(asked);
        case 'prompts/get':
          return owners
            .prompt(params.name)
            .then(({ server, name }) => pass(server, asked, { ...params, name }));
        case 'resources/read':
        case 'resources/subscribe':
        case 'resources/unsubscribe':
          return owners.resource(params.uri).then((server) => pass(server, asked));
        case 'completion/complete':
          return owners
            .reference(params.ref)
            .then(({ server, ref }) => pass(server, asked, { ...params, ref }));
        case 'logging/setLevel':
          return level.set(params.level);
        case 'tasks/get':
        case 'tasks/result':
        case 'tasks/cancel':
        case 'tasks/list':
          return tasks.answer(asked, pass);
        default:
          return Promise.resolve().then(() => unknown(asked));
      }
    },

    notified({ server, method, params, related }) {
      if (method === 'notifications/tools/list_changed') return;
      if (method === 'notifications/resources/updated' && !owners.owns(server, params?.uri)) return;
      if (method === 'notifications/message' && !level.passes(params?.level)) return;
      const pass = (): void => tell(method, params && unmarked(params), related);
      if (method === 'notifications/tasks/status') tasks.told(server, params?.taskId, pass);
      else pass();
    },

    close() {
      unsubscribe();
      tasks.close();
    },
  };
}

/** What a careless server could read as a call that nobody has judged, or as a question that only Placet asks. */
function isReserved(method: string): boolean {
  const letters = method
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
  return letters === 'toolscall' || letters.startsWith('placet');
}

import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** How a test mail server treats what comes. */
export interface InboxMode {
  /** Recipients that are refused for good with 550. */
  readonly refuse?: readonly string[];
  /** Each mail is put off with 451 while this says so. */
  readonly busy?: () => boolean;
  /** Held before each mail is taken; a promise that never resolves is a server that hangs. */
  readonly slow?: () => Promise<void>;
  /** STARTTLS is offered, and nothing is taken before it; the certificate is self-signed. */
  readonly requireTls?: boolean;
  readonly login?: { readonly user: string; readonly password: string };
  /** What the server says as it refuses a mail's content with 554; nothing where it takes it. */
  readonly reject?: (raw: string) => string | undefined;
  readonly port?: number;
  /** Told of each mail that is taken. */
  readonly taken?: (mail: ReceivedMail) => void;
}

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly parsed: ParsedMail;
  readonly secure: boolean;
}

export interface Inbox {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** How many connections were opened. */
  readonly connections: () => number;
  /** The users that tried to log in. */
  readonly logins: () => readonly string[];
  /** Resolves as soon as there are so many. */
  arrived(count: number): Promise<readonly ReceivedMail[]>;
  close(): Promise<void>;
}

/** A real SMTP server on loopback that keeps what it is given. */
export async function startInbox(mode: InboxMode = {}): Promise<Inbox> {
  const mails: ReceivedMail[] = [];
  const logins: string[] = [];
  const waiting: (() => void)[] = [];
  let connections = 0;
  const server = new SMTPServer({
    authOptional: mode.login === undefined,
    disabledCommands: [...(mode.requireTls ? [] : ['STARTTLS']), ...(mode.login ? [] : ['AUTH'])],
    allowInsecureAuth: true,
    closeTimeout: 100,
    // Whoever writes from this machine needs no name, and a look-up may wait for a network that is not there.
    disableReverseLookup: true,
    logger: false,
    onConnect(_session, callback) {
      connections += 1;
      callback();
    },
    onAuth(auth, _session, callback) {
      logins.push(auth.username ?? '');
      const fits = auth.username === mode.login?.user && auth.password === mode.login?.password;
      callback(fits ? null : replied(535, 'Authentication failed'), fits ? { user: 'placet' } : undefined);
    },
    onMailFrom(_address, session, callback) {
      callback(mode.requireTls && !session.secure ? replied(530, 'Must issue STARTTLS first') : null);
    },
    onRcptTo(address, _session, callback) {
      callback(mode.refuse?.includes(address.address) ? replied(550, 'No such mailbox here') : null);
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        void (async () => {
          await mode.slow?.();
          const raw = Buffer.concat(chunks).toString('utf8');
          if (mode.busy?.()) return callback(replied(451, 'Try again later'));
          const objection = mode.reject?.(raw);
          if (objection !== undefined) return callback(replied(554, objection));
          const mail = {
            from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
            to: session.envelope.rcptTo.map((each) => each.address),
            raw,
            parsed: await simpleParser(raw),
            secure: session.secure,
          };
          mails.push(mail);
          mode.taken?.(mail);
          callback();
          for (const check of waiting) check();
        })();
      });
    },
  });
  // A client that hangs up in the middle is part of what is tested.
  server.on('error', () => undefined);
  server.server.on('connection', (socket) => socket.setNoDelay(true));
  await new Promise<void>((resolve) => {
    server.listen(mode.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    connections: () => connections,
    logins: () => logins,
    arrived: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (mails.length >= count) resolve(mails);
        };
        waiting.push(check);
        check();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

function replied(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

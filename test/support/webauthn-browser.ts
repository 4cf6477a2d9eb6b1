import type { CDPSession, Page } from 'playwright-core';

/** A key as DevTools hands it out, private part included, so that a test can copy it. */
export interface BrowserCredential {
  /** base64url, as pages and servers write it. */
  readonly id: string;
  readonly signCount: number;
  readonly rpId: string;
  readonly isResident: boolean;
  /** PKCS #8, base64. */
  readonly privateKey: string;
  /** base64. */
  readonly userHandle?: string;
}

/** The authenticator of one page's browser: Chromium's virtual one, built in, that needs nobody's touch. */
export interface BrowserAuthenticator {
  credentials(): Promise<readonly BrowserCredential[]>;
  /** Whether the person passes the check of who they are (finger, face, PIN) from now on. */
  verifyUser(passes: boolean): Promise<void>;
  /** Puts a key there, such as a copy of one of another authenticator. */
  put(credential: BrowserCredential): Promise<void>;
  /** The key is as if it had signed this often: a copy that was left behind when this is less than it was. */
  setSignCount(id: string, signCount: number): Promise<void>;
  remove(id: string): Promise<void>;
  /** Takes it away, keys and all. */
  unplug(): Promise<void>;
}

/** Gives a page an authenticator: CTAP 2, in the device, with discoverable keys and a check of the person. */
export async function addAuthenticator(page: Page): Promise<BrowserAuthenticator> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('WebAuthn.enable');
  const { authenticatorId } = await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const remove = (id: string): Promise<unknown> =>
    devTools.send('WebAuthn.removeCredential', { authenticatorId, credentialId: toBase64(id) });
  const put = (credential: BrowserCredential): Promise<unknown> =>
    devTools.send('WebAuthn.addCredential', {
      authenticatorId,
      credential: {
        credentialId: toBase64(credential.id),
        isResidentCredential: credential.isResident,
        rpId: credential.rpId,
        privateKey: credential.privateKey,
        signCount: credential.signCount,
        ...(credential.userHandle === undefined ? {} : { userHandle: credential.userHandle }),
      },
    });
  const credentials = (): Promise<readonly BrowserCredential[]> => credentialsOf(devTools, authenticatorId);

  return {
    credentials,
    async verifyUser(passes) {
      await devTools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: passes });
    },
    async put(credential) {
      await put(credential);
    },
    async setSignCount(id, signCount) {
      const credential = (await credentials()).find((each) => each.id === id);
      if (!credential) throw new Error(`The authenticator has no key ${id}.`);
      await remove(id);
      await put({ ...credential, signCount });
    },
    async remove(id) {
      await remove(id);
    },
    async unplug() {
      await devTools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
      await devTools.detach();
    },
  };
}

async function credentialsOf(
  devTools: CDPSession,
  authenticatorId: string,
): Promise<readonly BrowserCredential[]> {
  const { credentials } = await devTools.send('WebAuthn.getCredentials', { authenticatorId });
  return credentials.map((each) => ({
    id: Buffer.from(each.credentialId, 'base64').toString('base64url'),
    signCount: each.signCount,
    rpId: each.rpId ?? '',
    isResident: each.isResidentCredential,
    privateKey: each.privateKey,
    ...(each.userHandle === undefined ? {} : { userHandle: each.userHandle }),
  }));
}

function toBase64(id: string): string {
  return Buffer.from(id, 'base64url').toString('base64');
}

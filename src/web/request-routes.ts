import type { RequestRoutes, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';

/** The page of one request, and what is posted from it. */
export declare function createRequestRoutes(options: ReviewSiteOptions, kit: SiteKit): RequestRoutes;

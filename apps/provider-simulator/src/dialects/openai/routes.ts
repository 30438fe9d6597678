import type { Operation, Route } from '../dialect.js';
import { routesById } from '../find-by-id.js';
import { batches } from './batches.js';
import type { OpenAiStyle } from './chat.js';
import { chatOperation } from './chat.js';
import { completions } from './completions.js';
import { embeddingsOperation } from './embeddings.js';
import { imageEdits, images, speech, transcriptions } from './media.js';
import { files } from './files.js';
import { getModel, listModels } from './models.js';
import { moderations } from './moderations.js';
import { responses } from './responses.js';
import { storedResponses } from './stored-responses.js';

const ofKept = routesById({ ...files, ...batches, ...storedResponses });

/** The operations of an OpenAI-like provider by path, wherever in it the `/v1/` is: base URLs differ. */
export function openAiRoutes(style: OpenAiStyle = {}) {
  const posts: Readonly<Record<string, Operation>> = {
    'chat/completions': chatOperation(style),
    completions,
    responses,
    embeddings: embeddingsOperation(style),
    moderations,
    'images/generations': images,
    'audio/speech': speech,
    'audio/transcriptions': transcriptions,
    'audio/translations': transcriptions,
    'images/edits': imageEdits,
    'images/variations': imageEdits,
  };
  return (method: string, path: string): Route | undefined => {
    const version = path.indexOf('/v1/');
    const rest = path.slice(version < 0 ? 1 : version + 4);
    if (method === 'GET' && rest === 'models') return { operation: listModels, pathModel: '' };
    if (method === 'GET' && rest.startsWith('models/')) {
      return { operation: getModel, pathModel: decodeURIComponent(rest.slice('models/'.length)) };
    }
    const kept = ofKept(`${method} ${rest}`);
    if (kept !== undefined) return kept;
    const operation = method === 'POST' && Object.hasOwn(posts, rest) ? posts[rest] : undefined;
    return operation && { operation, pathModel: '' };
  };
}

export { type Models, type ModelsOptions, createModels } from './create-models.js';
export { cleanPageText } from './page-text.js';
export { type PromptData, type PromptName, type PromptRenderer, type RenderedPrompt, createPrompts } from './prompts.js';

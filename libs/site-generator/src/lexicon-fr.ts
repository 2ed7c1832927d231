import type { Lexicon } from './lexicon.js';
import { lineList, wordList } from './word-list.js';

/** The adjectives have one form for both genders. */
export const FRENCH: Lexicon = {
  nouns: wordList(`marins jardiniers boulangers professeurs musiciens charpentiers bibliothécaires fermiers chauffeurs pêcheurs
    imprimeurs tisserands mineurs archivistes peintres brasseurs horlogers tailleurs forestiers apiculteurs potiers vitriers maçons
    rivières vallées ports ponts tunnels tours lanternes moteurs turbines tonneaux paniers échelles fenêtres jardins vergers prairies
    forêts haies terrasses cours marchés musées théâtres gares quais entrepôts ateliers cuisines caves lettres registres cartes
    croquis romans poèmes recettes manuels rapports journaux contrats pétitions billets factures violons trompettes tambours orgues
    mélodies choeurs concerts festivals défilés conférences débats expositions tempêtes marées courants sécheresses nuages ombres
    saisons récoltes fleurs semis racines branches capteurs signaux batteries circuits antennes satellites câbles serveurs archives
    budgets salaires emprunts tarifs enchères scrutins conseils comités voisins visiteurs apprentis retraités voyageurs marchands
    inspecteurs bénévoles loutres hérons saumons blaireaux faucons hirondelles scarabées renards lynx moules huîtres lichens mousses
    bicyclettes tramways bateaux péniches camions traîneaux ancres boussoles pigments tissus poutres briques vernis résines cristaux
    galets pains fromages cornichons nouilles crêpes amandes noix abricots coings cerises navets lentilles`),
  adjectives: wordList(`tranquilles modestes fragiles fidèles sévères rapides calmes étranges célèbres rustiques agricoles maritimes
    solides rigides flexibles durables portables fertiles arides humides sauvages timides honnêtes ironiques utiles
    inutiles rouges jaunes mauves roses pâles sombres énormes minuscules larges magnifiques ordinaires rares
    remarquables anonymes illustres obliques automatiques numériques électriques mécaniques artistiques historiques
    bizarres nobles pauvres riches jeunes tristes aimables coupables sensibles immobiles agiles habiles stériles liquides acides`),
  verbs: wordList(`réparaient mesuraient empruntaient peignaient héritaient dessinaient transportaient restauraient interrogeaient
    remplaçaient collectionnaient observaient décrivaient photographiaient protégeaient abandonnaient exportaient importaient testaient
    assemblaient démontaient décoraient commandaient refusaient finançaient inspectaient comptaient pesaient comparaient traduisaient
    publiaient copiaient classaient filtraient emballaient sauvaient plantaient récoltaient taillaient arrosaient goûtaient
    critiquaient ignoraient défendaient taxaient louaient partageaient divisaient entouraient traversaient suivaient évitaient
    accueillaient examinaient retardaient annulaient annonçaient célébraient imitaient doublaient réduisaient renforçaient éclairaient`),
  places: lineList(`près du vieux phare
    derrière la douane
    le long du canal
    dans la haute vallée
    sur les îles du nord
    sous les arches du chemin de fer
    au bord du marais
    dans une ancienne brasserie
    entre les deux carrières
    sur la place du marché
    autour du réservoir
    dans la cave de la mairie
    en face de la gare routière
    au pied du château
    dans un village sur deux`),
  times: lineList(`avant les premières gelées
    après les crues du printemps
    pendant la longue grève
    depuis le dernier recensement
    un mardi sur deux
    en une seule décennie
    peu après minuit
    pendant les grandes vacances
    au tournant du siècle
    une semaine avant le vote
    en fin de journée
    à la troisième tentative
    à la fin de novembre
    malgré les avertissements`),
  patterns: lineList(`Les {N} {A} {V} {P} plus de {#} {N} {A}.
    {T}, des {N} {A} {V} les {N} {P} sans que personne ne proteste.
    La plupart des {N} {V} leurs {N} {A} {T}.
    Ce sont les {N} qui {V} ces {N} {A}, et non les {N} {P}.
    Certains {V} des {N} {A} {T}, tandis que les {N} {V} des {N}.
    Ni les {N} ni les {N} {A} ne {V} rien {P}.
    Quand les {N} {V} les {N} {A}, leurs {N} {V} {#} {N} {P}.
    Selon des {N} {A}, les {N} {V} {#} {N} {T}.
    Parce que les {N} {V} leurs {N}, il restait {#} {N} {A} {P}.
    Sans les {N} {A}, les {N} ne {V} plus aucun de ces {N} {A}.`),
  titles: lineList(`Pourquoi les {N} {A} {V} les {N} {A}
    Les {N} {A} et les {N} {A}
    Comment {#} {N} {V} les {N} {A}
    Des {N}, des {N} et des {N} {A}`),
  words: {
    home: 'Accueil',
    sections: { article: 'Actualités', documentation: 'Guides', product: 'Boutique', thread: 'Forum' },
    related: 'Vous aimerez aussi',
    cookies: 'Avec nos partenaires, nous utilisons des cookies pour améliorer votre visite et mesurer notre audience.',
    accept: 'Tout accepter',
    comments: 'Vos réactions',
    newsletter: 'Abonnez-vous à notre lettre hebdomadaire et ne manquez plus aucun numéro.',
    footer: 'Tous droits réservés. Mentions légales, confidentialité et conditions valent pour chaque page.',
    by: 'Par',
    details: 'Caractéristiques',
  },
};

import type { Lexicon } from './lexicon.js';
import { lineList, wordList } from './word-list.js';

export const ENGLISH: Lexicon = {
  nouns: wordList(`engineers sailors gardeners bakers teachers surveyors musicians carpenters librarians farmers nurses drivers
    anglers printers weavers miners archivists painters brewers clockmakers tailors foresters beekeepers potters glaziers masons
    rivers valleys harbours bridges tunnels towers lanterns engines turbines barrels baskets ladders windows gardens orchards
    meadows forests hedges terraces courtyards markets museums theatres stations platforms warehouses workshops kitchens cellars
    letters ledgers maps sketches novels poems recipes manuals reports diaries records contracts petitions tickets invoices
    violins trumpets drums organs melodies choirs rehearsals concerts festivals parades lectures seminars debates exhibitions
    storms tides currents droughts floods frosts breezes clouds shadows seasons harvests blossoms seedlings roots branches
    sensors signals batteries circuits antennas satellites cables switches modems servers archives databases backups queues
    compilers parsers protocols packets gateways budgets salaries loans tariffs subsidies auctions ballots councils committees
    neighbours visitors apprentices pensioners students travellers merchants inspectors volunteers reporters historians
    otters herons salmon badgers falcons swallows beetles spiders foxes lynxes mussels oysters kelpbeds barnacles lichens mosses
    bicycles trams ferries barges lorries canoes sledges gliders anchors rudders compasses sextants telescopes microscopes
    pigments ceramics textiles timbers slates bricks mortars varnishes resins fibres alloys crystals minerals pebbles boulders
    loaves cheeses pickles chutneys dumplings noodles pancakes almonds walnuts apricots quinces cherries turnips lentils`),
  adjectives: wordList(`quiet narrow ancient modest brittle generous curious patient restless crowded empty distant familiar
    wooden copper granite woollen painted polished rusted mended borrowed forgotten celebrated disputed seasonal coastal rural
    municipal regional foreign local northern southern eastern western alpine tidal frozen humid arid fertile barren shallow
    steep gentle fierce clumsy elegant careful reckless punctual belated cautious stubborn cheerful solemn honest secretive
    expensive affordable portable durable fragile flexible rigid hollow solid transparent opaque colourful pale crimson amber
    turquoise violet silver golden spotted striped woven carved printed handwritten digital analogue wireless automatic manual
    experimental reliable obsolete redundant parallel circular oblique vertical temporary permanent annual weekly nocturnal early
    talented retired anonymous prominent obscure remarkable ordinary unusual fragrant bitter smoky salted pickled roasted`),
  verbs: wordList(`repaired measured borrowed painted inherited catalogued sketched transported auctioned restored questioned
    replaced collected observed described photographed protected abandoned rediscovered exported imported tested calibrated
    assembled dismantled insulated decorated sharpened polished ordered rejected approved financed sponsored inspected counted
    weighed compared translated annotated published copied archived digitised indexed filtered sorted labelled wrapped stored
    salvaged flooded drained planted harvested pruned watered grafted fermented roasted seasoned tasted praised criticised
    ignored defended outlawed taxed subsidised rented shared divided united surrounded crossed followed avoided chased rescued
    welcomed entertained instructed examined rewarded delayed cancelled postponed announced celebrated commemorated remembered
    imitated surpassed doubled halved reduced expanded widened shortened strengthened weakened illuminated darkened cooled heated`),
  places: lineList(`near the old lighthouse
    behind the customs house
    along the canal
    in the upper valley
    across the northern islands
    under the railway arches
    at the edge of the marsh
    inside the former brewery
    between the two quarries
    on the market square
    beside the weir
    above the tree line
    around the reservoir
    in the basement of the town hall
    opposite the bus depot
    beyond the ring road
    within the walled garden
    next to the observatory
    throughout the province
    on the far shore
    outside the university library
    at the mouth of the estuary
    below the castle
    in every second village`),
  times: lineList(`before the first frost
    after the spring floods
    during the long strike
    since the last census
    every other Tuesday
    within a single decade
    shortly after midnight
    until the bridge reopened
    over the summer holidays
    throughout the rainy season
    at the turn of the century
    a week before the election
    in the late afternoon
    for almost forty years
    on the third attempt
    while the trains stood still
    as soon as the fog lifted
    despite the early warning
    by the end of November
    against all advice`),
  patterns: lineList(`The {A} {N} {V} {#} {A} {N} {P}.
    {T}, {A} {N} {V} the {N} {P}, and nobody complained.
    Most {N} {P} {V} their {A} {N} {T}.
    It was the {N} who {V} these {A} {N}, not the {A} {N} {P}.
    Although {N} rarely {V} {N}, the {A} ones {V} {#} of them {T}.
    {P}, {#} {N} {V} the {A} {N} that earlier {N} had {V}.
    Some {N} {V} {A} {N} {T}; others {V} {N} instead.
    According to {A} {N}, the {N} {V} more than {#} {N} {T}.
    Neither the {N} nor the {A} {N} {V} anything {P}.
    When {N} {V} the {A} {N}, their {N} {V} {A} {N} {P}.
    The {N} {V}, {V} and finally {V} the {A} {N} {T}.
    Few {A} {N} have {V} so many {N} {P} as those {N}.
    What the {N} {V} {T} were {A} {N} and {#} {A} {N}.
    {A} {N} {V} {N} in exchange for {A} {N} {P}.
    Because the {N} {V} their {N}, {#} {A} {N} remained {P} {T}.
    Without {A} {N}, the {N} would never have {V} these {N}.`),
  titles: lineList(`How {A} {N} {V} {A} {N}
    The {A} {N} and the {A} {N}
    Why {N} {V} {#} {A} {N}
    {A} {N} for {A} {N}
    What {A} {N} learned from {A} {N}
    {N}, {N} and {A} {N}`),
  words: {
    home: 'Home',
    sections: { article: 'News', documentation: 'Guides', product: 'Shop', thread: 'Forum' },
    related: 'You may also like',
    cookies: 'We and our partners use cookies to improve your experience and to measure our audience.',
    accept: 'Accept all',
    comments: 'What readers say',
    newsletter: 'Sign up for our weekly letter and never miss an issue again.',
    footer: 'All rights reserved. Imprint, privacy and terms of use apply to every page.',
    by: 'By',
    details: 'Details',
  },
};

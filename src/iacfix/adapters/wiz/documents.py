"""What is asked of Wiz."""

ISSUES = """
query Issues($filterBy: IssueFilters, $first: Int, $after: String) {
  issuesV2(filterBy: $filterBy, first: $first, after: $after) {
    nodes {
      id
      type
      status
      severity
      createdAt
      updatedAt
      url
      sourceRule {
        __typename
        ... on Control { id name description risks }
        ... on CloudConfigurationRule { id name description risks }
        ... on CloudEventRule { id name description risks }
      }
      projects { id name }
      entitySnapshot {
        id
        type
        nativeType
        name
        status
        cloudPlatform
        cloudProviderURL
        providerId
        region
        subscriptionExternalId
        subscriptionName
        tags
        externalId
      }
      notes { text createdAt }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

UPDATE = """
mutation UpdateIssue($issueId: ID!, $patch: UpdateIssuePatch) {
  updateIssue(input: {id: $issueId, patch: $patch}) { issue { id status } }
}
"""

NOTE = """
mutation CreateIssueComment($input: CreateIssueNoteInput!) {
  createIssueNote(input: $input) { issueNote { id } }
}
"""

RESCAN = """
mutation RequestResourceScan($input: RequestConnectorEntityScanInput!) {
  requestConnectorEntityScan(input: $input) { success reason }
}
"""
